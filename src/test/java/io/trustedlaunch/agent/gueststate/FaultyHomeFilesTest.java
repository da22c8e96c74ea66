package io.trustedlaunch.agent.gueststate;

class FaultyHomeFilesTest extends HomeFilesContract {
    private final FaultyHomeFiles files = new FaultyHomeFiles();

    @Override
    HomeFiles files() {
        return files;
    }
}
