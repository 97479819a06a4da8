// What lies under everything on a map: the city's tiles, else its imported streets, else nothing. Pure.
import type { Map as City } from '../api/types';
import type { Ground } from './style';

export function groundOf(city: City | null): Ground {
  if (city?.basemap) return { tiles: city.basemap.url };
  return city?.streets ? { streets: city.streets.url } : null;
}
