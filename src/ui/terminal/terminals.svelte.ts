import { t } from '../i18n/messages.ts';
import type { ShellState } from './shell-link.ts';
import type { TerminalSession } from './terminal-session.ts';

export class TerminalTab {
  readonly id: number;
  name: string = $state('');
  state: ShellState = $state.raw({ state: 'idle' });
  /** How often the search box was asked for since it was last closed; 0: it is closed. */
  searches: number = $state(0);
  /** Set by the view that shows it. */
  session: TerminalSession | null = $state.raw(null);
  /** Resolves to the session once its view is in the page. */
  readonly mounted: Promise<TerminalSession>;
  #tellMounted: (session: TerminalSession) => void = () => undefined;

  constructor(id: number) {
    this.id = id;
    this.name = t('terminal.name', { number: id });
    this.mounted = new Promise((resolve) => (this.#tellMounted = resolve));
  }

  attach(session: TerminalSession): void {
    this.session = session;
    this.#tellMounted(session);
  }
}

/** Milliseconds that a notice stands. */
const noticeTime = 6000;

/** The open tabs, in order; there is always at least one. */
export class Terminals {
  tabs: readonly TerminalTab[] = $state.raw([new TerminalTab(1)]);
  activeId: number = $state(1);
  readonly active: TerminalTab | undefined = $derived(this.tabs.find((tab) => tab.id === this.activeId));
  /** What became of a key or button, for a moment. */
  notice: string = $state('');
  #last = 1;
  #noticeTimer: ReturnType<typeof setTimeout> | undefined;

  tell(notice: string): void {
    clearTimeout(this.#noticeTimer);
    this.notice = notice;
    this.#noticeTimer = setTimeout(() => (this.notice = ''), noticeTime);
  }

  add(): TerminalTab {
    this.#last += 1;
    const tab = new TerminalTab(this.#last);
    this.tabs = [...this.tabs, tab];
    this.activeId = tab.id;
    return tab;
  }

  /** The last tab is replaced by a new one. */
  close(id: number): void {
    const index = this.tabs.findIndex((tab) => tab.id === id);
    if (index < 0) return;
    if (this.tabs.length === 1) this.add();
    this.tabs = this.tabs.filter((tab) => tab.id !== id);
    if (this.activeId !== id) return;
    this.activeId = this.tabs[Math.min(index, this.tabs.length - 1)]?.id ?? this.activeId;
  }

  rename(id: number, name: string): void {
    const tab = this.tabs.find((candidate) => candidate.id === id);
    const trimmed = name.trim().slice(0, 40);
    if (tab === undefined || trimmed === '') return;
    tab.name = trimmed;
    tab.session?.setName(trimmed);
  }

  /** @param by 1: the tab to the right, -1: to the left; around at the ends */
  move(by: 1 | -1): void {
    const index = this.tabs.findIndex((tab) => tab.id === this.activeId);
    this.activeId = this.tabs[(index + by + this.tabs.length) % this.tabs.length]?.id ?? this.activeId;
  }

  /** In front, whatever its number. */
  show(id: number): TerminalTab | undefined {
    const tab = this.tabs.find((candidate) => candidate.id === id);
    if (tab !== undefined) this.activeId = id;
    return tab;
  }

  /** The tab with this number from 1, opened if there are fewer. */
  ensure(number: number): TerminalTab {
    while (this.tabs.length < number) this.add();
    const tab = this.tabs[number - 1] ?? this.add();
    this.activeId = tab.id;
    return tab;
  }
}
