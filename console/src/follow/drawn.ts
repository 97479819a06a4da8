// A followed vehicle as the map draws it. Pure; the moment says what may come now.
import type { Follow } from '../api/types';
import { hourMinute } from '../kit/times';
import type { Drawn } from '../map/diff';
import { trackLines, trackPoints } from '../map/scene';
import { percent, type Moment } from './ahead';

export function trackOf(follow: Follow | null, moment: Moment | null): Drawn[] {
  if (follow === null) return [];
  const chance = new Map(moment?.next.map((one) => [one.place, percent(one.probability)]) ?? []);
  const seen = new Map(follow.sightings.flatMap(({ place, at }) => (place.lat === null || place.lon === null ? [] : [[`${place.lat} ${place.lon}`, { spot: { lat: place.lat, lon: place.lon }, label: hourMinute(new Date(at)) }]])));
  const next = follow.places.flatMap(({ key, place }) => {
    const label = chance.get(key);
    return label === undefined || place.lat === null || place.lon === null ? [] : [{ spot: { lat: place.lat, lon: place.lon }, label }];
  });
  return [...trackLines(follow), ...trackPoints('seen', [...seen.values()]), ...trackPoints('next', next)];
}
