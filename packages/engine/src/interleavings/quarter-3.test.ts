import { interleavings } from '../testing/interleavings/quarter.fixture.ts';

interleavings(3);
