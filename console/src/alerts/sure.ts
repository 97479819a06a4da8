// How sure: a number and a word, or the word alone where there is no honest number. Pure.
import type { Sure } from '../api/types';

export const sureText = (sure: Sure): string => (sure.percent === null ? sure.word : `${Math.round(sure.percent)}\u00a0% · ${sure.word}`);
