/** Texts of the server's, shown as documents that nobody can change. */

import { EventEmitter, Uri, window, workspace } from "vscode";

const SCHEME = "midfill";

export interface Documents {
  /** Shows a text under a title; a document of that title that is open already gets the new text. */
  show(title: string, text: string): Promise<void>;
  dispose(): void;
}

/** Returns the documents of the scheme `midfill`. */
export function createDocuments(): Documents {
  const texts = new Map<string, string>();
  const changed = new EventEmitter<Uri>();
  const provider = workspace.registerTextDocumentContentProvider(SCHEME, {
    onDidChange: changed.event,
    provideTextDocumentContent: (uri) => texts.get(uri.path) ?? "",
  });
  return {
    async show(title, text) {
      const uri = Uri.from({ scheme: SCHEME, path: title });
      texts.set(uri.path, text);
      changed.fire(uri);
      await window.showTextDocument(await workspace.openTextDocument(uri), { preview: true });
    },
    dispose() {
      provider.dispose();
      changed.dispose();
    },
  };
}
