// Starts the console: styles, clock, keys, router, session, then the one component everything hangs from.
import { mount } from 'svelte';
import './tokens.css';
import './base.css';
import App from './App.svelte';
import { clock } from './kit/clock.svelte';
import { install } from './kit/install.svelte';
import { keys } from './kit/keys.svelte';
import { router } from './kit/router.svelte';
import { session } from './kit/session.svelte';
import { sounds } from './kit/sounds.svelte';

install.start();
clock.start();
keys.start();
router.start();
session.start();
sounds.start();

const target = document.getElementById('app');
if (target === null) throw new Error('index.html has no #app');
mount(App, { target });
