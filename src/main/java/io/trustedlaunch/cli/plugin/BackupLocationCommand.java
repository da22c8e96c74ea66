package io.trustedlaunch.cli.plugin;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientTimeoutException;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.trustedlaunch.api.Api;
import io.trustedlaunch.api.backup.BackupLocation;
import io.trustedlaunch.api.backup.MarkerOrder;
import io.trustedlaunch.cli.CommandException;
import io.trustedlaunch.cli.plugin.report.BackupLocationReport;
import io.trustedlaunch.cli.plugin.terminal.Prompt;
import io.trustedlaunch.cli.plugin.terminal.StandardStream;
import java.io.InputStreamReader;
import java.time.Clock;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The commands that say which store a BackupLocation means. */
@Command(
        name = "location",
        description = "Say which store a BackupLocation means.",
        mixinStandardHelpOptions = true,
        subcommands = {BackupLocationCommand.Init.class, BackupLocationCommand.Adopt.class})
final class BackupLocationCommand {
    private BackupLocationCommand() {}

    /** What both have: a location that is there, and a person who confirms. */
    abstract static class OfLocation extends WatchableCommand {
        /** Agents look at a new location at once. */
        private static final long REPORT_SECONDS = 60;

        @Parameters(paramLabel = "NAME", description = "Name of the BackupLocation.")
        String name;

        @Option(
                names = {"-y", "--yes"},
                description = "Do not ask for confirmation.")
        private boolean confirmed;

        Resource<BackupLocation> resource(KubernetesClient client) {
            Resource<BackupLocation> resource =
                    client.resources(BackupLocation.class).withName(name);
            if (resource.get() == null) {
                throw new CommandException(
                        "BackupLocation " + name + " does not exist. To list them: kubectl get backuplocations");
            }
            return resource;
        }

        /** The location, once somebody has looked there. */
        BackupLocationReport awaitReport(Resource<BackupLocation> resource, Optional<String> node) {
            BackupLocationReport now = new BackupLocationReport(resource.get());
            if (now.isThere(node)) {
                return now;
            }
            try {
                return new BackupLocationReport(resource.waitUntilCondition(
                        seen -> seen != null && new BackupLocationReport(seen).isThere(node),
                        REPORT_SECONDS,
                        TimeUnit.SECONDS));
            } catch (KubernetesClientTimeoutException e) {
                throw new CommandException(node.map(
                                each -> "node " + each + " has not reported the folder of BackupLocation " + name
                                        + ": check that it is enrolled and that its agent runs (kubectl get clusternodes)")
                        .orElse("nobody has reported yet what is in BackupLocation " + name
                                + ": kubectl describe backuplocation " + name));
            }
        }

        boolean isConfirmed(String question) {
            if (confirmed) {
                return true;
            }
            if (!StandardStream.canPrompt()) {
                throw new CommandException("--yes is required: there is no terminal to ask for confirmation");
            }
            Prompt prompt = new Prompt(new InputStreamReader(System.in, UTF_8), err());
            if (prompt.ask(question + " (yes or no)").equals("yes")) {
                return true;
            }
            out().line("nothing was changed");
            return false;
        }
    }

    /** {@code kubectl tlvm backup location init}. */
    @Command(
            name = "init",
            description = {
                "Make the marker of a new store in the folder or bucket of a BackupLocation, and have the location mean that store.",
                "Nothing else ever makes a marker. Without it nothing is written to the location, and nothing is read or removed"
                        + " there, so that an empty mount point or another file system is not taken for it."
            })
    static final class Init extends OfLocation {
        @Option(
                names = "--node",
                paramLabel = "NODE",
                description =
                        "For a folder: a node on which the right file system is mounted there now. Its agent makes the"
                                + " marker.")
        private String node;

        @Override
        int run(KubernetesClient client) {
            Resource<BackupLocation> resource = resource(client);
            boolean isFolder = resource.get().getSpec().folder() != null;
            if (isFolder && node == null) {
                throw new CommandException(
                        "--node is required: the name of a node on which the file system is mounted now");
            }
            if (!isFolder && node != null) {
                throw new CommandException("--node is for folders, and BackupLocation " + name + " is a bucket");
            }
            BackupLocationReport report = awaitReport(resource, Optional.ofNullable(node));
            report.reasonNotToInitialize(Optional.ofNullable(node)).ifPresent(problem -> {
                throw new CommandException(problem);
            });
            out().text(report.place(Optional.ofNullable(node)));
            if (!isConfirmed("Is this the place where the backups of BackupLocation " + name
                    + " shall be, and is it mounted? A marker is made there.")) {
                return ExitCode.SOFTWARE;
            }
            String id = report.id().orElseGet(() -> UUID.randomUUID().toString());
            MarkerOrder order = new MarkerOrder(
                    Clock.systemUTC().instant().truncatedTo(ChronoUnit.SECONDS), id, Optional.ofNullable(node));
            BackupLocation changed = PluginWriter.set(resource, Map.of(Api.INITIALIZE, order.text()), Map.of("id", id));
            out().line(reference(changed) + " means store " + id + "; its marker is being made");
            return follow(
                    resource,
                    changed,
                    seen -> new BackupLocationReport(seen)
                            .initialization(Clock.systemUTC().instant()));
        }
    }

    /** {@code kubectl tlvm backup location adopt}. */
    @Command(
            name = "adopt",
            description =
                    "Have a BackupLocation mean the store that is there by its marker: one of another cluster, or of one that was"
                            + " lost.")
    static final class Adopt extends OfLocation {
        @Option(names = "--id", paramLabel = "ID", description = "ID of the store, if nodes have found several.")
        private String id;

        @Override
        int run(KubernetesClient client) {
            Resource<BackupLocation> resource = resource(client);
            BackupLocationReport report = awaitReport(resource, Optional.empty());
            String wanted = id == null ? only(report) : id;
            Optional<String> before = report.id();
            if (before.equals(Optional.of(wanted))) {
                out().line("backuplocation/" + name + " means store " + wanted + " already");
                return ExitCode.OK;
            }
            if (before.isPresent()) {
                throw new CommandException("BackupLocation " + name + " means store " + before.get()
                        + ", and that cannot be changed: delete it, create it anew, and adopt " + wanted
                        + " then. Backups in either store stay");
            }
            out().text(report.found());
            if (!isConfirmed("Shall BackupLocation " + name + " mean store " + wanted + "?")) {
                return ExitCode.SOFTWARE;
            }
            BackupLocation changed = PluginWriter.set(resource, Map.of(), Map.of("id", wanted));
            out().line(reference(changed) + " means store " + wanted);
            return follow(resource, changed, seen -> new BackupLocationReport(seen).adoption());
        }

        private String only(BackupLocationReport report) {
            Set<String> ids = report.foundIds();
            if (ids.size() == 1) {
                return ids.iterator().next();
            }
            throw new CommandException(
                    ids.isEmpty()
                            ? "no marker was found: " + report.message()
                                    + ". To make one in a new store: kubectl tlvm backup location init " + name
                            : "several stores were found: " + String.join(", ", ids)
                                    + ". See kubectl describe backuplocation " + name + ", and name one with --id");
        }
    }
}
