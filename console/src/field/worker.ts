// Has the browser keep the console's own files, so that the phone page opens without a link. Only where the browser trusts the address: over TLS, or on this machine.

/** Whether it will open without a link. */
export async function opensOffline(): Promise<boolean> {
  if (!import.meta.env.PROD || !isSecureContext || !('serviceWorker' in navigator)) return false;
  try {
    await navigator.serviceWorker.register('/sw.js', { updateViaCache: 'none' });
    return true;
  } catch {
    return false; // No room, a private window, or no link at this moment: the page works all the same while it is open.
  }
}
