package io.trustedlaunch.process;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.dsl.Informable;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import io.trustedlaunch.api.backup.BackupRun;
import io.trustedlaunch.api.backup.StoredBackupRun;
import io.trustedlaunch.api.backup.VMBackup;
import io.trustedlaunch.api.backup.VMBackupDownload;
import io.trustedlaunch.api.incarnation.VMIncarnation;
import io.trustedlaunch.api.restore.DiskFill;
import io.trustedlaunch.api.restore.RestoreRun;
import java.util.Map;

/**
 * Makes informers that read their lists in pages. The API server counts objects and not bytes, so a page has as many as may
 * have {@link #PAGE_BYTES} when each is as large as it is allowed to be. A page is in memory as it arrived and as objects.
 */
public final class Informers {
    static final long PAGE_BYTES = 16L << 20;

    /**
     * 128 KiB of metadata and spec, the limit of schemas and admission policies for a tenant, with its managers of fields; and a
     * status whose longest texts are its messages.
     */
    private static final long LARGEST = 160L << 10;

    /**
     * A VMBackup's status has its escrow. A VMIncarnation has its VM's escrow, and an envelope with 256 KiB of user data, in
     * base64. A run has the signed URLs of all parts of all disks, and an escrow; there are few at a time.
     */
    private static final Map<Class<?>, Long> LARGER = Map.of(
            VMBackup.class,
            384L << 10,
            VMIncarnation.class,
            640L << 10,
            BackupRun.class,
            1L << 20,
            StoredBackupRun.class,
            1L << 20,
            RestoreRun.class,
            1L << 20,
            DiskFill.class,
            1L << 20,
            VMBackupDownload.class,
            1L << 20);

    private Informers() {}

    /** Not started. */
    public static <T extends HasMetadata> SharedIndexInformer<T> of(Class<T> kind, Informable<T> selection) {
        return selection.withLimit(page(kind)).runnableInformer(0);
    }

    /** Objects that are read at a time. */
    static long page(Class<?> kind) {
        return PAGE_BYTES / LARGER.getOrDefault(kind, LARGEST);
    }
}
