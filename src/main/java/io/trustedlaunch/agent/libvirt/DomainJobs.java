package io.trustedlaunch.agent.libvirt;

import io.trustedlaunch.agent.hypervisor.MigrationProgress;
import io.trustedlaunch.agent.hypervisor.MigrationProgress.MemoryPass;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;
import org.libvirt.Domain;
import org.libvirt.DomainJobInfo;
import org.libvirt.LibvirtException;

/** A domain's migration. Its only other jobs are backups, which {@link LibvirtBackups} sees and ends. */
record DomainJobs(OpenConnection connection) {
    /** VIR_DOMAIN_JOB_BOUNDED, _UNBOUNDED: the other types are not running. */
    private static final int FIRST_UNDERWAY = 1;

    private static final int LAST_UNDERWAY = 2;

    /** On the receiving side libvirt reports only that there is a job. */
    private static final MigrationProgress UNMEASURED = new MigrationProgress(0, 0, 0);

    /** A migration of unknown progress. */
    static Optional<MigrationProgress> unmeasured() {
        return Optional.of(UNMEASURED);
    }

    private interface Act<T> {
        T on(Domain domain) throws LibvirtException;
    }

    Optional<MigrationProgress> of(UUID vm) throws LibvirtException {
        return with(vm, domain -> {
            try {
                // It reports nothing of a backup's job that libvirt has forgotten.
                JobStatistics now = connection.jobStatistics(vm);
                return now.isBackup() ? Optional.empty() : progress(domain.getJobInfo(), now);
            } catch (LibvirtException e) {
                if (LibvirtErrors.isUnsupported(e)) {
                    return unmeasured();
                }
                throw e;
            }
        });
    }

    /** Does nothing if the migration has ended meanwhile. */
    void allowPause(UUID vm, Duration pause) throws LibvirtException {
        with(vm, domain -> {
            try {
                domain.migrateSetMaxDowntime(pause.toMillis());
            } catch (LibvirtException e) {
                if (!LibvirtErrors.isOperationInvalid(e)) {
                    throw e;
                }
            }
            return Optional.empty();
        });
    }

    /** Leaves a backup alone. */
    void abort(UUID vm) throws LibvirtException {
        with(vm, domain -> {
            try {
                if (!connection.jobStatistics(vm).isBackup()) {
                    domain.abortJob();
                }
            } catch (LibvirtException e) {
                if (!LibvirtErrors.isOperationInvalid(e)) {
                    throw e;
                }
            }
            return Optional.empty();
        });
    }

    private static Optional<MigrationProgress> progress(DomainJobInfo job, JobStatistics now) {
        if (job.getType() < FIRST_UNDERWAY || job.getType() > LAST_UNDERWAY) {
            return Optional.empty();
        }
        return Optional.of(
                new MigrationProgress(job.getDataProcessed(), job.getDataRemaining(), job.getDataTotal(), pass(now)));
    }

    private static Optional<MemoryPass> pass(JobStatistics now) {
        return now.pass() == 0
                ? Optional.empty()
                : Optional.of(new MemoryPass(
                        (int) now.pass(),
                        now.remaining(),
                        now.changedPages() * now.pageSize(),
                        now.sentPerSecond(),
                        now.throttlePercent()));
    }

    private <T> Optional<T> with(UUID vm, Act<Optional<T>> act) throws LibvirtException {
        try {
            Domain domain = connection.domainLookupByUUIDString(vm.toString());
            try {
                return act.on(domain);
            } finally {
                domain.free();
            }
        } catch (LibvirtException e) {
            if (LibvirtErrors.isNoDomain(e)) {
                return Optional.empty();
            }
            throw e;
        }
    }
}
