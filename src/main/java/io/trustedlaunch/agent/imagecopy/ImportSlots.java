package io.trustedlaunch.agent.imagecopy;

import io.trustedlaunch.api.ImageCopySpec.Source;
import java.net.URI;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** How many imports run at once: few from each server, so that slow servers hold up none from another. */
final class ImportSlots {
    static final int TOTAL = 8;
    private static final int FROM_ONE_SERVER = 2;

    private final Map<String, Integer> taken = new HashMap<>();

    /** To be closed at the end of the import. */
    interface Slot extends AutoCloseable {
        @Override
        void close();
    }

    /** Empty if as many imports are running as may. */
    synchronized Optional<Slot> take(Source source) {
        String server = server(source);
        int total = taken.values().stream().mapToInt(Integer::intValue).sum();
        if (total >= TOTAL || taken.getOrDefault(server, 0) >= FROM_ONE_SERVER) {
            return Optional.empty();
        }
        taken.merge(server, 1, Integer::sum);
        return Optional.of(() -> free(server));
    }

    private synchronized void free(String server) {
        taken.computeIfPresent(server, (key, imports) -> imports == 1 ? null : imports - 1);
    }

    /** The host, whatever the port; or the storage location, which may be a file server. */
    private static String server(Source source) {
        if (source.file() != null) {
            return source.file().storageLocation().path();
        }
        String address = source.https() != null
                ? source.https().url()
                : "https://" + source.oci().reference().replaceFirst("/.*", "");
        try {
            return Optional.ofNullable(URI.create(address).getHost())
                    .orElse(address)
                    .toLowerCase(Locale.ROOT);
        } catch (IllegalArgumentException e) {
            // It is refused when it is fetched.
            return address;
        }
    }
}
