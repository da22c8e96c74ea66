package io.trustedlaunch.agent.imagesource;

import io.trustedlaunch.custody.PullCredentials;
import java.time.Duration;
import java.util.Optional;

/**
 * Options for fetching from a server.
 *
 * @param timeout for a server that sends nothing; a slow server is not interrupted, since a retry would not be faster
 */
record FetchOptions(Optional<PullCredentials> credentials, FreeSpace space, Duration timeout) {
    private static final Duration TIMEOUT = Duration.ofSeconds(60);

    static FetchOptions with(Optional<PullCredentials> credentials) {
        return new FetchOptions(credentials, FreeSpace.OF_ITS_FILE_SYSTEM, TIMEOUT);
    }
}
