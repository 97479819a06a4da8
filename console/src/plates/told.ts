// What a read says, in words. Pure.
import type { SeenVehicle } from '../api/types';
import { capital } from '../kit/words';

/** "97 %, by the reader’s own count" */
export const readerSure = (confidence: number | null): string =>
  confidence === null ? 'The reader did not say.' : `${Math.round(confidence * 100)} %, by the reader’s own count`;

/** "Grey Honda Civic, hatchback"; null when the reader said nothing of it. */
export function vehicleWords({ colour, make, model, body }: SeenVehicle): string | null {
  const name = [colour, make, model].filter((word) => word !== null).join(' ');
  const words = [name, body ?? ''].filter((word) => word !== '').join(', ');
  return words === '' ? null : capital(words);
}
