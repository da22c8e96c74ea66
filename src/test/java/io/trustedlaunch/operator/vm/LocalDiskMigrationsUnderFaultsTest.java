package io.trustedlaunch.operator.vm;

import java.util.List;

/** The same histories of a VM between two hosts of which each has a folder of its own: it moves with its disks and its home. */
class LocalDiskMigrationsUnderFaultsTest extends MigrationsUnderFaultsTest {
    @Override
    List<FakeAgent> agents(FakeCluster cluster, FakeApiServer apiServer) {
        return cluster.agentsWithFoldersOfTheirOwn(apiServer);
    }
}
