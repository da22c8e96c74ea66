package io.trustedlaunch.e2e;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The console logs of a guest from all hosts that it ran on. A migration with local disks removes the VM's folder from the
 * source, so a hard link to each log keeps its content.
 */
final class ConsoleHistory {
    private final Stage stage;
    private final String uid;
    private final Path kept;
    private final List<Path> logs = new ArrayList<>();

    ConsoleHistory(Stage stage, String uid) {
        this.stage = stage;
        this.uid = uid;
        this.kept = stage.lab.folder().resolve("consoles").resolve(uid);
    }

    String text() {
        try {
            Files.createDirectories(kept);
            for (String host : stage.lab.hosts()) {
                Path log = Stage.localFolder(stage.lab, host, uid).resolve("console.log");
                if (Files.exists(log) && !isKept(log)) {
                    logs.add(Files.createLink(kept.resolve(String.valueOf(logs.size())), log));
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        StringBuilder text = new StringBuilder();
        logs.forEach(log -> text.append(stage.lab.console(log)));
        return text.toString();
    }

    private boolean isKept(Path log) throws IOException {
        for (Path one : logs) {
            if (Files.isSameFile(one, log)) {
                return true;
            }
        }
        return false;
    }
}
