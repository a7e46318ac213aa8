import { expect, test } from 'vitest';
import { TutorialTabs } from './tutorial-tabs.ts';

function open() {
  const state = { tabs: [{ id: 1 }], active: 1 };
  const show = (id: number) => {
    const tab = state.tabs.find((candidate) => candidate.id === id);
    if (tab !== undefined) state.active = id;
    return tab;
  };
  const add = () => {
    const tab = { id: Math.max(0, ...state.tabs.map(({ id }) => id)) + 1 };
    state.tabs.push(tab);
    state.active = tab.id;
    return tab;
  };
  const tabs = new TutorialTabs<{ id: number }>({
    get tabs() {
      return state.tabs;
    },
    add,
    show,
  });
  return { state, tabs };
}

test('terminal 2 of a tutorial is the second tab, opened when it is missing, in front', () => {
  const { state, tabs } = open();
  expect([tabs.of(2).id, state.active]).toEqual([2, 2]);
  expect([tabs.of(1).id, state.active]).toEqual([1, 1]);
  expect(state.tabs).toHaveLength(2);
});

test('a tab that took the place of terminal 1 is not terminal 2 as well', () => {
  const { tabs } = open();
  expect(tabs.of(1).id).toBe(1);
  expect(tabs.renew(1).id).toBe(2);
  expect(tabs.of(2).id).toBe(3);
  expect([tabs.of(1).id, tabs.of(2).id]).toEqual([2, 3]);
});

test('in place of a closed tab stands the one with the number', () => {
  const { state, tabs } = open();
  tabs.renew(1);
  state.tabs.pop();
  expect(tabs.of(1).id).toBe(1);
});
