/** The item in the status bar. */

import { commands, type Disposable, StatusBarAlignment, ThemeColor, window } from "vscode";
import { appearanceOf, type Situation } from "./status";

/** Shows the situation, of which others change the parts that they know. */
export class StatusBar implements Disposable {
  readonly #item = window.createStatusBarItem("status", StatusBarAlignment.Right, 100);
  #situation: Situation = {
    phase: "starting",
    sentence: "",
    server: undefined,
    pause: undefined,
    switchedOff: undefined,
  };

  constructor() {
    this.#item.name = "midfill";
    this.#item.command = "midfill.showMenu";
    this.update({});
    this.#item.show();
  }

  get situation(): Situation {
    return this.#situation;
  }

  /** Shows the situation with a change to it. */
  update(change: Partial<Situation>): void {
    this.#situation = { ...this.#situation, ...change };
    const { text, words, tooltip, isProblem } = appearanceOf(this.#situation);
    this.#item.text = text;
    this.#item.tooltip = tooltip;
    this.#item.accessibilityInformation = { label: `midfill: ${words}` };
    this.#item.backgroundColor = isProblem ? new ThemeColor("statusBarItem.warningBackground") : undefined;
    if ("pause" in change) {
      // The palette offers either to pause or to resume.
      void commands.executeCommand("setContext", "midfill.isPaused", change.pause !== undefined);
    }
  }

  dispose(): void {
    this.#item.dispose();
  }
}
