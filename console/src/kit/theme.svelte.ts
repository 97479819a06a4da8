// Dark, light, night, or what the system says. `public/theme.js` sets it before the first paint.

export type Theme = 'system' | 'dark' | 'light' | 'night';
/** In the order in which the button of the top bar goes through them. */
export const THEMES: readonly Theme[] = ['system', 'dark', 'light', 'night'];
export const THEME_WORDS: Readonly<Record<Theme, string>> = { system: 'as the system', dark: 'dark', light: 'light', night: 'night (dim and red)' };
const STORED = 'watchfloor.theme';

class Themes {
  current = $state<Theme>((document.documentElement.dataset['theme'] as Theme | undefined) ?? 'system');

  choose(theme: Theme): void {
    this.current = theme;
    if (theme === 'system') {
      delete document.documentElement.dataset['theme'];
      localStorage.removeItem(STORED);
    } else {
      document.documentElement.dataset['theme'] = theme;
      localStorage.setItem(STORED, theme);
    }
  }
}

export const themes = new Themes();
