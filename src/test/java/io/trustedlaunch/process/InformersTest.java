package io.trustedlaunch.process;

import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.api.backup.VMBackup;
import io.trustedlaunch.api.backup.VMBackupStatus;
import io.trustedlaunch.api.incarnation.VMIncarnation;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.api.vm.VMConsole;
import io.trustedlaunch.custody.EnvelopeContent;
import org.junit.jupiter.api.Test;

/** How much of a list is read at a time. */
class InformersTest {
    /** Of metadata and spec, by the admission policies. */
    private static final long A_TENANTS_OBJECT = 128 << 10;

    @Test
    void aPageOfTheLargestObjectsThatATenantMayWriteFits() {
        for (Class<?> kind : new Class<?>[] {TrustedLaunchVM.class, VMConsole.class}) {
            assertThat(Informers.page(kind) * A_TENANTS_OBJECT).isLessThanOrEqualTo(Informers.PAGE_BYTES);
        }
    }

    @Test
    void aPageOfWhatTheOperatorMakesOfThemFits() {
        assertThat(Informers.page(VMBackup.class) * (A_TENANTS_OBJECT + VMBackupStatus.MAX_ESCROW))
                .isLessThanOrEqualTo(Informers.PAGE_BYTES);
        assertThat(Informers.page(VMIncarnation.class)
                        * (base64(EnvelopeContent.MAX_FILE_BYTES) + VMBackupStatus.MAX_ESCROW))
                .isLessThanOrEqualTo(Informers.PAGE_BYTES);
    }

    /** Each page is a request. */
    @Test
    void aPageHasDozensOfObjects() {
        assertThat(Informers.page(VMIncarnation.class)).isGreaterThanOrEqualTo(24);
        assertThat(Informers.page(TrustedLaunchVM.class)).isGreaterThanOrEqualTo(100);
    }

    private static long base64(long bytes) {
        return bytes * 4 / 3;
    }
}
