package io.trustedlaunch.e2e;

import java.io.IOException;

/** Types commands of the proof guest, one after the other. */
record GuestPrompt(Stage stage, String uid, ConsoleUser user) {
    GuestPrompt {
        user.awaitScreen("connected to the console on node");
    }

    /** Returns once the guest has printed the result, which no command before it has. */
    void does(String command, String result) throws IOException {
        user.type(command + "\r");
        stage.awaitConsole(uid, console -> console.contains("PROOF " + result), result);
    }

    /** A guest whose file systems are frozen does not. */
    void writesFile(String word) throws IOException {
        does("file-write " + word, "file-written=" + word);
    }
}
