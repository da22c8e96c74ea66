package io.trustedlaunch.agent.incarnation;

import io.trustedlaunch.api.incarnation.VMIncarnation;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Phase;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** A host with an agent, which has not seen the VM's first incarnation yet. */
abstract class OneHost {
    @TempDir
    Path root;

    World world;
    VMIncarnation incarnation;

    @BeforeEach
    void makeTheFirstIncarnation() throws IOException {
        world = new World(root);
        incarnation = world.incarnation(1);
    }

    /** In the order in which they were reported. */
    List<Phase> phases() {
        return world.server.written().stream().map(VMIncarnationStatus::phase).toList();
    }
}
