package io.trustedlaunch.operator.backup;

import io.fabric8.kubernetes.api.model.Quantity;
import io.trustedlaunch.api.ByteSize;
import io.trustedlaunch.api.DiskIdentity;
import io.trustedlaunch.api.GuestStateVersion;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.backup.BackupResult;
import io.trustedlaunch.api.backup.BackupResult.Type;
import io.trustedlaunch.api.backup.BackupResultBuilder;
import io.trustedlaunch.api.backup.BackupRun;
import io.trustedlaunch.api.backup.BackupRunSpec.Completed;
import io.trustedlaunch.api.backup.Quiesce;
import io.trustedlaunch.api.vm.DataDisk;
import io.trustedlaunch.backup.BackupBase.FullReason;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * An agent's report of a backup that it has made. It is hostile input: the node may be compromised, and what it says
 * goes on record for good. Pure.
 */
sealed interface BackupReport {
    /** The result, written in one form. */
    record Accepted(BackupResult result) implements BackupReport {}

    /** @param why a clause after "of which" */
    record Refused(String why) implements BackupReport {}

    /** Clocks of nodes differ; a backup of tomorrow would count as the newest for ever. */
    Duration CLOCK_DIFFERENCE = Duration.ofHours(1);

    static BackupReport of(BackupRun run, Instant now) {
        BackupResult result = run.getStatus().result();
        if (result == null) {
            return new Refused("there is no result");
        }
        if (!run.getSpec().reachesItsLocation()) {
            return new Refused("the node was never given what it may write to the bucket");
        }
        return Rules.ALL.stream()
                .flatMap(rule -> rule.apply(run, result).stream())
                .findFirst()
                .or(() -> Rules.time(run, result, now))
                .<BackupReport>map(Refused::new)
                .orElseGet(() -> new Accepted(Rules.inOneForm(result)));
    }

    private static <E extends Enum<E>> Optional<E> named(E[] values, String name) {
        return Arrays.stream(values).filter(value -> value.name().equals(name)).findFirst();
    }

    /** Named predicates: from run and result to why it is refused. */
    final class Rules {
        private static final Pattern SHA256 = Pattern.compile("[0-9a-f]{64}");
        private static final Pattern BYTES = Pattern.compile("[0-9]{1,18}|[0-9]{1,12}(Ki|Mi)|[0-9]{1,6}(Gi|Ti)");

        private static final Set<String> NOT_QUIESCED = Stream.of(
                        Reason.NoGuestAgent, Reason.FreezeTimedOut, Reason.FreezeFailed)
                .map(Reason::name)
                .collect(Collectors.toUnmodifiableSet());

        static final List<BiFunction<BackupRun, BackupResult, Optional<String>>> ALL = List.of(
                Rules::index,
                Rules::type,
                Rules::base,
                Rules::guestState,
                Rules::dataDisks,
                Rules::sizes,
                Rules::pause,
                Rules::quiesced);

        private Rules() {}

        private static Optional<String> index(BackupRun run, BackupResult result) {
            return refusedUnless(
                    result.indexSHA256() != null
                            && SHA256.matcher(result.indexSHA256()).matches(),
                    "the digest of the index is none");
        }

        private static Optional<String> type(BackupRun run, BackupResult result) {
            if (result.type() == null) {
                return Optional.of("the type is missing");
            }
            return refusedUnless(
                    result.type() == Type.Full
                            ? named(FullReason.values(), result.fullReason()).isPresent()
                            : result.fullReason() == null,
                    "the reason for reading everything does not fit its type");
        }

        /** Only what the operator offered as a base. */
        private static Optional<String> base(BackupRun run, BackupResult result) {
            Stream<String> offered = run.getSpec().completed().stream().map(Completed::uid);
            return refusedUnless(
                    result.type() == Type.Full
                            ? result.baseUID() == null
                            : offered.anyMatch(uid -> uid.equals(result.baseUID())),
                    "the base is none of the VM's backups in the location");
        }

        private static Optional<String> guestState(BackupRun run, BackupResult result) {
            GuestStateVersion version = result.guestState();
            if (run.getSpec().guestState() != null) {
                return refusedUnless(
                        run.getSpec().guestState().equals(version), "the guest state is not the one on record");
            }
            return refusedUnless(
                    version != null
                            && run.getSpec().epoch().equals(version.epoch())
                            && version.generation() != null
                            && version.generation() >= 1,
                    "the guest state is not of the VM's epoch");
        }

        private static Optional<String> dataDisks(BackupRun run, BackupResult result) {
            List<String> disks = result.dataDisks();
            return refusedUnless(
                    disks.size() <= DataDisk.MAX
                            && disks.stream().distinct().count() == disks.size()
                            && disks.stream()
                                    .allMatch(disk -> DiskIdentity.parse(disk).isPresent()),
                    "the data disks are none that a VM has");
        }

        private static Optional<String> sizes(BackupRun run, BackupResult result) {
            return refusedUnless(isSize(result.changed()) && isSize(result.stored()), "a size is no number of bytes");
        }

        private static boolean isSize(Quantity quantity) {
            return quantity != null
                    && quantity.getAmount() != null
                    && BYTES.matcher(quantity.getAmount()
                                    + Optional.ofNullable(quantity.getFormat()).orElse(""))
                            .matches();
        }

        private static Optional<String> pause(BackupRun run, BackupResult result) {
            return refusedUnless(
                    result.pauseMilliseconds() != null && result.pauseMilliseconds() >= 0, "the pause is no duration");
        }

        private static Optional<String> quiesced(BackupRun run, BackupResult result) {
            String why = result.notQuiescedReason();
            if (run.getSpec().quiesce() != Quiesce.BestEffort) {
                return refusedUnless(
                        result.quiesced() == null && why == null,
                        "the guest agent was asked, and should not have been");
            }
            if (result.quiesced() == null) {
                return Optional.of("it is not said whether the guest was quiesced");
            }
            return refusedUnless(
                    result.quiesced() ? why == null : why != null && NOT_QUIESCED.contains(why),
                    "the reason why the guest was not quiesced is none");
        }

        static Optional<String> time(BackupRun run, BackupResult result, Instant now) {
            Instant created = Instant.parse(run.getMetadata().getCreationTimestamp());
            Optional<Instant> time = instant(result.time());
            if (time.isEmpty()) {
                return Optional.of("the time is none");
            }
            return refusedUnless(
                    !time.get().isBefore(created.minus(CLOCK_DIFFERENCE))
                            && !time.get().isAfter(now.plus(CLOCK_DIFFERENCE)),
                    "the time is " + time.get() + ", and the backup was made between " + created + " and " + now
                            + " (is the node's clock wrong?)");
        }

        private static Optional<Instant> instant(String text) {
            try {
                return Optional.ofNullable(text).map(Instant::parse);
            } catch (DateTimeParseException e) {
                return Optional.empty();
            }
        }

        static BackupResult inOneForm(BackupResult result) {
            return BackupResultBuilder.builder(result)
                    .time(Instant.parse(result.time()).toString())
                    .changed(ByteSize.quantity(ByteSize.of(result.changed())))
                    .stored(ByteSize.rounded(ByteSize.of(result.stored())))
                    .build();
        }

        private static Optional<String> refusedUnless(boolean holds, String why) {
            return holds ? Optional.empty() : Optional.of(why);
        }
    }
}
