package io.trustedlaunch.cli.operator;

import io.trustedlaunch.api.incarnation.VMIncarnationSpec.Pace;
import io.trustedlaunch.api.quota.QuotaAmounts;
import io.trustedlaunch.cli.FileErrors;
import io.trustedlaunch.cli.LogOptions;
import io.trustedlaunch.custody.RecoveryCertificate;
import io.trustedlaunch.operator.DefaultObject;
import io.trustedlaunch.operator.OperatorConfigurationBuilder;
import io.trustedlaunch.operator.OperatorProcess;
import io.trustedlaunch.operator.node.DrainBudget;
import io.trustedlaunch.operator.quota.DefaultQuota;
import io.trustedlaunch.placement.PlacementPolicy;
import io.trustedlaunch.placement.PlacementPolicy.Strategy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Runs the operator until it loses its lease or is stopped. */
@Command(
        name = "operator",
        description =
                "Run the operator. It uses the cluster of the kubeconfig in KUBECONFIG, or the one that it runs in.",
        mixinStandardHelpOptions = true)
final class OperatorCommand implements Callable<Integer> {
    private static final int MAX_PORT = 65_535;

    /** With a shorter lease, a slow API server would cost leaders their lease. */
    private static final int MIN_LEASE_SECONDS = 3;

    /** A higher number is taken for a typing error. */
    private static final int MAX_OVERCOMMIT = 100;

    @Spec
    private CommandSpec spec;

    @Option(
            names = "--namespace",
            required = true,
            description = "Namespace of the operator: it holds protection keys, VMIncarnations and Leases.")
    private String namespace;

    @Option(names = "--health-port", description = "Port for /healthz and /readyz; 0 disables it. Default: 0.")
    private int healthPort;

    @Option(names = "--metrics-port", description = "Port for /metrics; 0 disables it. Default: 0.")
    private int metricsPort;

    @Mixin
    private LogOptions log;

    @Option(
            names = "--leader-elect-lease-seconds",
            defaultValue = "12",
            description = "Seconds after which another replica replaces a leader that does not respond."
                    + " Default: ${DEFAULT-VALUE}.")
    private int leaseSeconds;

    @Option(
            names = "--recovery-certificate",
            paramLabel = "FILE",
            description =
                    "File with a certificate in PEM. Each VM's protection key is encrypted for it and stored with the"
                            + " VM's files.")
    private Path recoveryCertificate;

    @Option(
            names = "--no-backup-key",
            description =
                    "Make no backup key for the cluster: backups of VMs whose key is gone are then opened only with"
                            + " the recovery key.")
    private boolean noBackupKey;

    @Option(
            names = "--finished-migration-ttl-minutes",
            defaultValue = "60",
            description = "Minutes after which a VMMigration that has ended is deleted. Default: ${DEFAULT-VALUE}.")
    private int migrationTtlMinutes;

    @Option(
            names = "--drain-parallel-per-node",
            defaultValue = "2",
            description =
                    "Maximum number of VMs that a drain migrates off one node at once. Default: ${DEFAULT-VALUE}.")
    private int drainParallelPerNode;

    @Option(
            names = "--drain-parallel",
            defaultValue = "5",
            description = "Maximum number of VMs that all drains together migrate at once; migrations that users"
                    + " create do not count. Default: ${DEFAULT-VALUE}.")
    private int drainParallel;

    @Option(
            names = "--guard-image",
            paramLabel = "IMAGE",
            description =
                    "Image of the pods that make kubectl drain wait for the VMs on a node; it has a program sleep."
                            + " Default: there are no such pods.")
    private String guardImage;

    @Option(
            names = "--cores-overcommit",
            defaultValue = "4",
            description = "Virtual CPUs that VMs may use in total per core of the host. Memory is never overcommitted."
                    + " Default: ${DEFAULT-VALUE}.")
    private double coresOvercommit;

    @Option(
            names = "--placement-strategy",
            defaultValue = "Spread",
            description = "Which of the nodes that fit a VM to choose: the least used (Spread) or the most used (Pack)."
                    + " Default: ${DEFAULT-VALUE}.")
    private Strategy placementStrategy;

    @Option(
            names = "--migration-bandwidth",
            paramLabel = "MIB",
            defaultValue = "0",
            description = "Maximum bandwidth of one migration in MiB per second; 0: no limit."
                    + " Default: ${DEFAULT-VALUE}.")
    private int migrationBandwidth;

    @Option(
            names = "--migration-longest-pause-ms",
            defaultValue = "2000",
            description =
                    "Maximum pause of a migrating guest in milliseconds, while the last of its memory is transferred."
                            + " The limit starts at 300 and is raised to this step by step. Default: ${DEFAULT-VALUE}.")
    private int migrationLongestPause;

    @Option(
            names = "--migration-passes-without-progress",
            defaultValue = "5",
            description =
                    "Number of passes over a guest's memory without progress after which its maximum pause is raised."
                            + " Once the pause is at its maximum, the migration fails. Default: ${DEFAULT-VALUE}.")
    private int migrationPasses;

    @Option(
            names = "--fencing-min-living-percent",
            paramLabel = "PERCENT",
            defaultValue = "51",
            description =
                    "Percentage of the nodes that must be heard; otherwise no node's power is cut automatically, since"
                            + " the network is the likelier fault. 50 for a cluster of two nodes. Default: ${DEFAULT-VALUE}.")
    private int fencingMinLivingPercent;

    @Option(
            names = "--default-quota",
            paramLabel = "NAME=AMOUNT",
            split = ",",
            description =
                    "Limits of namespaces that have no VMQuota: vms, cores, memory, storage, backups and migrations, as in"
                            + " its spec.hard. Default: none.")
    private Map<String, String> defaultQuota = Map.of();

    @Option(
            names = "--default-storage-location",
            description = "Create the StorageLocation default, which VMs use that name no other.")
    private boolean defaultStorageLocation;

    @Option(
            names = "--default-image-eligibility-policy",
            description =
                    "Create the ImageEligibilityPolicy azure-local: the images that Azure Local allows, with signed"
                            + " provenance.")
    private boolean defaultImageEligibilityPolicy;

    @Option(names = "--failpoints", hidden = true, description = "For tests: folder of armed failpoints.")
    private Path failpoints;

    @Override
    public Integer call() throws Exception {
        log.apply();
        OptionalInt health = port("--health-port", healthPort);
        OptionalInt metrics = port("--metrics-port", metricsPort);
        atLeast(MIN_LEASE_SECONDS, "--leader-elect-lease-seconds", leaseSeconds);
        if (!(coresOvercommit >= 1 && coresOvercommit <= MAX_OVERCOMMIT)) {
            throw new ParameterException(
                    spec.commandLine(),
                    "--cores-overcommit must be between 1 and " + MAX_OVERCOMMIT + ": " + coresOvercommit);
        }
        atLeast(1, "--finished-migration-ttl-minutes", migrationTtlMinutes);
        atLeast(1, "--drain-parallel-per-node", drainParallelPerNode);
        atLeast(1, "--drain-parallel", drainParallel);
        atLeast(0, "--migration-bandwidth", migrationBandwidth);
        atLeast(1, "--migration-longest-pause-ms", migrationLongestPause);
        atLeast(1, "--migration-passes-without-progress", migrationPasses);
        if (fencingMinLivingPercent < 1 || fencingMinLivingPercent > 100) {
            throw new ParameterException(
                    spec.commandLine(),
                    "--fencing-min-living-percent must be between 1 and 100: " + fencingMinLivingPercent);
        }
        new OperatorProcess(OperatorConfigurationBuilder.builder()
                        .namespace(namespace)
                        .leaseDuration(Duration.ofSeconds(leaseSeconds))
                        .recovery(Optional.ofNullable(recoveryCertificate).map(this::recoveryCertificate))
                        .backupKey(!noBackupKey)
                        .migrationRetention(Duration.ofMinutes(migrationTtlMinutes))
                        .drainBudget(new DrainBudget(drainParallelPerNode, drainParallel))
                        .guardImage(Optional.ofNullable(guardImage).filter(image -> !image.isBlank()))
                        .placementPolicy(new PlacementPolicy(coresOvercommit, placementStrategy))
                        .defaultQuota(defaultQuota())
                        .pace(new Pace(migrationBandwidth, migrationLongestPause, migrationPasses))
                        .fencingMinLivingPercent(fencingMinLivingPercent)
                        .defaults(defaults())
                        .failpoints(Optional.ofNullable(failpoints))
                        .healthPort(health)
                        .metricsPort(metrics)
                        .build())
                .run();
        return ExitCode.SOFTWARE;
    }

    private Optional<QuotaAmounts> defaultQuota() {
        try {
            return DefaultQuota.parse(defaultQuota);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), "--default-quota: " + e.getMessage());
        }
    }

    private Set<DefaultObject> defaults() {
        Set<DefaultObject> defaults = EnumSet.noneOf(DefaultObject.class);
        if (defaultStorageLocation) {
            defaults.add(DefaultObject.StorageLocation);
        }
        if (defaultImageEligibilityPolicy) {
            defaults.add(DefaultObject.ImageEligibilityPolicy);
        }
        return defaults;
    }

    private OptionalInt port(String option, int value) {
        if (value < 0 || value > MAX_PORT) {
            throw new ParameterException(
                    spec.commandLine(), option + " must be between 0 and " + MAX_PORT + ": " + value);
        }
        return value == 0 ? OptionalInt.empty() : OptionalInt.of(value);
    }

    private void atLeast(int minimum, String option, int value) {
        if (value < minimum) {
            throw new ParameterException(spec.commandLine(), option + " must be at least " + minimum + ": " + value);
        }
    }

    private RecoveryCertificate recoveryCertificate(Path file) {
        try {
            return RecoveryCertificate.fromPem(Files.readString(file));
        } catch (IOException e) {
            throw new ParameterException(
                    spec.commandLine(), "--recovery-certificate: " + FileErrors.message("read", file, e));
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), "--recovery-certificate " + file + " " + e.getMessage());
        }
    }
}
