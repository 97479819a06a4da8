// Saves the picture that is shown as a file: the server makes it, with camera, time and reason beneath it, and keeps that in the log.
import { getBytes } from '../api/client';
import { Problem } from '../api/problem';
import type { Why } from '../api/types';

const SAID_FOR_MS = 6000;

export class Saving {
  pending = $state(false);
  problem = $state.raw<Problem | null>(null);
  /** The name of the file that was saved last, for a moment. */
  saved = $state<string | null>(null);

  /** The picture that was captured at `at` (Unix ms). */
  async save(camera: string, why: Why, at: number): Promise<void> {
    if (this.pending) return;
    this.pending = true;
    this.problem = null;
    try {
      const response = await getBytes('/cameras/{camera_id}/snapshot', { path: { camera_id: camera }, query: { at: new Date(at).toISOString() }, why });
      const name = fileName(response.headers.get('Content-Disposition'));
      hand(await response.blob(), name);
      this.saved = name;
      setTimeout(() => { if (this.saved === name) this.saved = null; }, SAID_FOR_MS);
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      this.problem = error;
    } finally {
      this.pending = false;
    }
  }
}

export function fileName(disposition: string | null): string {
  const named = /filename\*=UTF-8''([^;]+)/.exec(disposition ?? '')?.[1];
  return named === undefined ? 'picture.jpg' : decodeURIComponent(named);
}

function hand(file: Blob, name: string): void {
  const url = URL.createObjectURL(file);
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
