// Whether this browser offers to install the page as a program of its own. It asks nobody by itself.

interface InstallOffer extends Event { prompt(): Promise<unknown> }

class Install {
  offer = $state.raw<InstallOffer | null>(null);

  start(): void {
    addEventListener('beforeinstallprompt', (event) => {
      event.preventDefault();
      this.offer = event as InstallOffer;
    });
    addEventListener('appinstalled', () => { this.offer = null; });
  }

  async ask(): Promise<void> {
    const offer = this.offer;
    this.offer = null; // A browser's offer is good once.
    await offer?.prompt();
  }
}
export const install = new Install();
