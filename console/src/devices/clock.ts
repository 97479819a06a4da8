// A device's clock against the center's, in words. Pure.

/** "right to the second", "7 h 0 min ahead", "it does not say". */
export function clockOff(ms: number | null): string {
  if (ms === null) return 'it does not say';
  const s = Math.round(Math.abs(ms) / 1000);
  if (s < 2) return 'right to the second';
  const size = s < 120 ? `${s} s` : s < 7200 ? `${Math.round(s / 60)} min` : `${Math.floor(s / 3600)} h ${Math.round((s % 3600) / 60)} min`;
  return `${size} ${ms > 0 ? 'ahead' : 'behind'}`;
}
