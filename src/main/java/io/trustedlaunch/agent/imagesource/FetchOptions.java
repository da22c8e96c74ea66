package io.trustedlaunch.agent.imagesource;

import io.trustedlaunch.custody.PullCredentials;
import java.time.Duration;
import java.util.Optional;

/**
 * Options for fetching from a server.
 *
 * @param timeout until a server begins to answer, and for each further MiB: what a slower one has sent stays for the next
 *     attempt
 */
record FetchOptions(Optional<PullCredentials> credentials, FreeSpace space, Duration timeout) {
    private static final Duration TIMEOUT = Duration.ofSeconds(60);

    static FetchOptions with(Optional<PullCredentials> credentials) {
        return new FetchOptions(credentials, FreeSpace.OF_ITS_FILE_SYSTEM, TIMEOUT);
    }
}
