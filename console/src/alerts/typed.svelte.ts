// What somebody reads of a plate in a picture, while they type it.
import { plateText } from './plate';

export class TypedPlate {
  plate = $state('');
  state = $state('');
  /** The state cannot be read. */
  unread = $state(false);

  readonly lacks = $derived({ plate: plateText(this.plate) === '', state: !this.unread && this.state.trim() === '' });

  get whole(): boolean {
    return !this.lacks.plate && !this.lacks.state;
  }

  /** As it is sent. */
  get said(): { plate: string; state: string | null } {
    return { plate: plateText(this.plate), state: this.unread ? null : this.state.trim().toUpperCase() };
  }
}
