package io.trustedlaunch.e2e;

import io.trustedlaunch.testkit.Program;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The version that users upgrade from. A file names it: a commit, or the tag of a release. */
record EarlierVersion(String revision) {
    static final String TAG = "earlier";

    private static final String CHART = "helm/trusted-launch-operator";

    static EarlierVersion named() throws IOException {
        return new EarlierVersion(
                Files.readString(Path.of("src/test/upgrade-from")).strip());
    }

    /** Its chart, as its sources have it. */
    Path chart(Path folder) throws IOException, InterruptedException {
        Path archive = folder.resolve("chart.tar");
        Program git = Program.plain();
        git.run("git", "archive", "--output", archive.toString(), revision, CHART);
        git.run("tar", "--extract", "--file", archive.toString(), "--directory", folder.toString());
        return folder.resolve(CHART);
    }
}
