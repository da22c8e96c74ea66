package io.trustedlaunch.api.vm;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import io.fabric8.generator.annotation.Size;
import io.trustedlaunch.api.Lists;
import java.util.List;

/**
 * The Secure Boot settings of a guest's firmware, as read from the UEFI variables of a sealed guest state. A change that
 * is made in the firmware's setup takes effect at the guest's next boot.
 *
 * @param enabled the firmware starts only boot loaders that its databases allow
 * @param setupMode there is no platform key (PK), so that keys can be enrolled without one, and Secure Boot is off
 * @param microsoftInDb the years of Microsoft's certificates in db, the list of what may sign boot loaders: 2011, 2023. A
 *     year is there if at least one of its certificates is
 * @param microsoftInKek the same of KEK, the list of what may sign updates of db and dbx
 * @param dbxEntries number of entries in dbx, the list of revoked boot loaders and certificates
 */
@JsonIgnoreProperties(ignoreUnknown = true)
public record SecureBootState(
        boolean enabled,
        boolean setupMode,
        @Size(max = SecureBootState.MAX_YEARS) List<Integer> microsoftInDb,
        @Size(max = SecureBootState.MAX_YEARS) List<Integer> microsoftInKek,
        int dbxEntries) {
    /** More than there will be. */
    public static final int MAX_YEARS = 8;

    public SecureBootState {
        microsoftInDb = Lists.first(MAX_YEARS, microsoftInDb);
        microsoftInKek = Lists.first(MAX_YEARS, microsoftInKek);
    }
}
