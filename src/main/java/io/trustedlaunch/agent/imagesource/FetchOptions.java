package io.trustedlaunch.agent.imagesource;

import io.trustedlaunch.custody.PullCredentials;
import java.time.Duration;
import java.util.Optional;

/**
 * What it takes to fetch from somebody else's server, beside its address.
 *
 * @param patience with a server that sends nothing. One that sends little is let be: to break off would not make it faster
 */
record FetchOptions(Optional<PullCredentials> credentials, FreeSpace space, Duration patience) {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    static FetchOptions with(Optional<PullCredentials> credentials) {
        return new FetchOptions(credentials, FreeSpace.OF_ITS_FILE_SYSTEM, PATIENCE);
    }
}
