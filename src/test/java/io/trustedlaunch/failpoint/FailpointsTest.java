package io.trustedlaunch.failpoint;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FailpointsTest {
    @TempDir
    Path folder;

    @Test
    void anArmedPointEndsTheProcessOnceAndOnlyThere() throws IOException {
        List<Failpoint> ended = new ArrayList<>();
        Failpoints failpoints = Failpoints.in(folder, ended::add);
        Files.createFile(folder.resolve(Failpoint.AGENT_RESUMED.id()));

        failpoints.reached(Failpoint.AGENT_DOMAIN_CREATED);
        failpoints.reached(Failpoint.AGENT_RESUMED);
        failpoints.reached(Failpoint.AGENT_RESUMED);

        assertThat(ended).containsExactly(Failpoint.AGENT_RESUMED);
    }

    /** Otherwise the next process would die there, too. */
    @Test
    void aPointIsDisarmedBeforeTheProcessEnds() throws IOException {
        Path armed = Files.createFile(folder.resolve(Failpoint.AGENT_RESUMED.id()));
        List<Boolean> stillArmed = new ArrayList<>();

        Failpoints.in(folder, point -> stillArmed.add(Files.exists(armed))).reached(Failpoint.AGENT_RESUMED);

        assertThat(stillArmed).containsExactly(false);
    }

    @Test
    void everyPointHasANameOfItsOwn() {
        assertThat(Arrays.stream(Failpoint.values()).map(Failpoint::id)).doesNotHaveDuplicates();
    }
}
