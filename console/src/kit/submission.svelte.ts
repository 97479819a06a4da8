// One act of a person: pending within the frame it was pressed in, its problem beside what caused it, nothing lost, nothing done twice.
import { Problem } from '../api/problem';

export class Submission {
  pending = $state(false);
  problem = $state.raw<Problem | null>(null);
  #key: string | null = null;
  #body = '';

  /**
   * Run `act` with an idempotency key. A try whose fate is unknown (no answer, a fallen server) is sent again under the same key as
   * long as `body` is the same; whatever was answered ends the key. The answer, or null when there was a problem.
   */
  async run<T>(body: unknown, act: (key: string) => Promise<T>): Promise<T | null> {
    if (this.pending) return null;
    const text = JSON.stringify(body);
    if (this.#key === null || text !== this.#body) this.#key = crypto.randomUUID();
    this.#body = text;
    this.pending = true;
    this.problem = null;
    try {
      const answer = await act(this.#key);
      this.#key = null;
      return answer;
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      if (error.definite) this.#key = null;
      this.problem = error;
      return null;
    } finally {
      this.pending = false;
    }
  }

  /** The sentence beside `field`. */
  beside(field: string): string | null {
    return this.problem?.beside(field) ?? null;
  }
}
