export { LoopClock as ManualClock } from '@portcullis/engine/testing';
