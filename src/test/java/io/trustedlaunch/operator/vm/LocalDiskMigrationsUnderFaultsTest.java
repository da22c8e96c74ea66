package io.trustedlaunch.operator.vm;

import io.trustedlaunch.testkit.FakeApiServer;
import java.util.List;

/** The same histories with a folder of its own for each host: the VM moves with its disks and its home. */
class LocalDiskMigrationsUnderFaultsTest extends MigrationsUnderFaultsTest {
    @Override
    List<FakeAgent> agents(FakeCluster cluster, FakeApiServer apiServer) {
        return cluster.agentsWithFoldersOfTheirOwn(apiServer);
    }
}
