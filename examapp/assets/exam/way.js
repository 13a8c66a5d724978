// Acts that answer no question have the slots from 0 down, as sittings/standing.py reads them.
const LEFT_FROM = 1000;
export const noteOn = (slot) => -slot;
export const left = (slot) => -LEFT_FROM - slot;
/** The question that an event is about. */
export const questionOf = (slot) => (slot > 0 ? slot : slot < -LEFT_FROM ? -LEFT_FROM - slot : -slot);
const leftSlot = (slot) => (slot < -LEFT_FROM ? -LEFT_FROM - slot : 0);

/** Which questions are open, where a round knows no way back: one question, or one section, at a time. */
export function makeWay(config, slots) {
  const last = slots[slots.length - 1];
  const oneWay = config.movement === "one_way";
  const steps = oneWay ? slots : config.movement === "by_section" ? config.sections : [last];
  let behind = 0;
  const end = () => steps.find((step) => step > behind) || last;
  return {
    oneWay,
    free: steps.length < 2,
    get behind() { return behind; },
    get end() { return end(); },
    isOpen: (slot) => slot > behind && slot <= end(),
    /** Takes in an event that leaves questions behind, or what the server knows of. */
    pass(slot) { behind = Math.max(behind, leftSlot(slot)); },
  };
}
