// What a reviewer says that the live record replied, before it is kept: by itself, or with the confirmation.
import type { Reply } from '../api/types';

export interface Told { reply: Reply; reference: string | null; checked_at: string }
