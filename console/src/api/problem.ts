// What went wrong, in the words the server chose. One shape for every failure, also for a server that does not answer.

export interface FieldProblem { field: string; detail: string }

export class Problem extends Error {
  readonly status: number;
  readonly kind: string;
  readonly reason: string;
  readonly detail: string;
  readonly nextStep: string | null;
  readonly requestId: string | null;
  readonly fields: readonly FieldProblem[];
  readonly retryAfterS: number | null;
  readonly entry: string | null;

  constructor(status: number, body: Record<string, unknown>) {
    const text = (name: string): string | null => (typeof body[name] === 'string' ? (body[name] as string) : null);
    super(text('detail') ?? `The server answered ${status}.`);
    this.status = status;
    this.kind = text('kind') ?? (status >= 500 ? 'broken' : 'unknown');
    this.reason = text('reason') ?? this.kind;
    this.detail = this.message;
    this.nextStep = text('next_step');
    this.requestId = text('request_id');
    this.fields = fieldProblems(body['fields']);
    this.retryAfterS = typeof body['retry_after_s'] === 'number' ? body['retry_after_s'] : null;
    this.entry = text('entry');
  }

  /** Whether the act surely did not happen, or surely did: false when nobody knows yet and the same key must be sent again. */
  get definite(): boolean {
    return this.status >= 400 && this.status < 500 && this.reason !== 'in_progress';
  }

  /** The sentence that belongs beside `field`, if the server named it. */
  beside(field: string): string | null {
    return this.fields.find((f) => f.field === field)?.detail ?? null;
  }
}

export function unreachable(): Problem {
  return new Problem(0, {
    kind: 'unreachable',
    detail: 'The server does not answer.',
    next_step: 'Check this computer’s network. The console tries again by itself; what you typed is kept.',
  });
}

export async function fromResponse(response: Response): Promise<Problem> {
  let body: Record<string, unknown> = {};
  try {
    const parsed: unknown = await response.json();
    if (parsed !== null && typeof parsed === 'object') body = parsed as Record<string, unknown>;
  } catch {
    // Not JSON: a proxy or a fallen process answered. The status alone has to do.
    body = { detail: `The server answered ${response.status} without saying why.`, next_step: 'Try again; if it stays so, tell your administrator.' };
  }
  return new Problem(response.status, body);
}

function fieldProblems(value: unknown): FieldProblem[] {
  if (!Array.isArray(value)) return [];
  return value.filter(
    (item): item is FieldProblem =>
      item !== null && typeof item === 'object' && typeof (item as FieldProblem).field === 'string' && typeof (item as FieldProblem).detail === 'string',
  );
}
