// Every scene by the name of its clip.
import { depotYard } from './depot_yard.js';
import { ferryLanding } from './ferry_landing.js';
import { granaryAlley } from './granary_alley.js';
import { hospitalEntrance } from './hospital_entrance.js';
import { marketSquare } from './market_square.js';
import { millStreet } from './mill_street.js';
import { northBridge } from './north_bridge.js';
import { northgate } from './northgate.js';
import { ringRamp } from './ring_ramp.js';
import { READER } from './reader.js';
import { riverRoad } from './river_road.js';
import { schoolCrossing } from './school_crossing.js';
import { towerPark } from './tower_park.js';

export { READER };
export const SCENES = {
  'mill-st-5th': millStreet, 'market-square': marketSquare, 'north-bridge': northBridge, 'river-road': riverRoad, 'tower-park': towerPark, 'depot-yard': depotYard,
  'granary-alley': granaryAlley, 'ring-ramp': ringRamp, northgate, 'ferry-landing': ferryLanding, 'hospital-entrance': hospitalEntrance, 'school-crossing': schoolCrossing,
};
