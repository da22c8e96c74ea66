package io.trustedlaunch.cli.plugin;

import io.trustedlaunch.cli.Commands;
import io.trustedlaunch.cli.plugin.catalog.CatalogCommand;
import io.trustedlaunch.cli.plugin.terminal.StandardErrorLog;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/** The kubectl plugin; {@code bin/kubectl-tlvm} starts it. */
@Command(
        name = "kubectl tlvm",
        description = "Manage trusted launch VMs.",
        footer = {
            "",
            "Commands that use a cluster also take kubectl's flags --cluster, --user, --server, --token, --as, --as-group and"
                    + " --request-timeout, before or after the verb."
        },
        mixinStandardHelpOptions = true,
        subcommands = {
            StatusCommand.class,
            GuestCommand.class,
            VbsReportCommand.class,
            RunStrategyCommand.Start.class,
            RunStrategyCommand.Stop.class,
            RestartCommand.class,
            DiskCommand.class,
            DiscCommand.class,
            NicCommand.class,
            MigrateCommand.class,
            BackupCommand.class,
            ConsoleCommand.class,
            VncCommand.class,
            ScreenshotCommand.class,
            SendKeyCommand.class,
            MaintenanceCommand.Cordon.class,
            DrainCommand.class,
            MaintenanceCommand.Uncordon.class,
            FenceCommand.class,
            NodeCommand.class,
            ImagesCommand.class,
            ImageCommand.class,
            CreateCommand.class,
            CatalogCommand.class,
            RecoverCommand.class,
            SupportBundleCommand.class,
            VersionCommand.class
        })
public final class KubectlTlvm {
    public static void main(String[] args) {
        StandardErrorLog.install();
        if (args.length > 0 && args[0].equals(CompletionAnswer.VERB)) {
            new CompletionAnswer(List.of(args).subList(1, args.length)).print(Commands.line(new KubectlTlvm()));
            return;
        }
        String[] arguments = verbFirst(args);
        System.exit(line(arguments)
                .setExecutionExceptionHandler(new CommandExceptionHandler())
                .execute(arguments));
    }

    /**
     * The same, with what stands before the verb at the end: kubectl takes its flags in both places. What follows {@code --} stays
     * last.
     */
    static String[] verbFirst(String... args) {
        if (args.length == 0 || !args[0].startsWith("-")) {
            return args;
        }
        CommandSpec flags = CommandSpec.forAnnotatedObject(new ClusterOptions());
        int verb = 0;
        while (verb < args.length && args[verb].startsWith("-") && !args[verb].equals("--")) {
            OptionSpec flag = flags.findOption(args[verb]);
            verb += flag == null || flag.arity().max() == 0 ? 1 : 2;
        }
        if (verb >= args.length) {
            return args;
        }
        List<String> all = List.of(args);
        int end = all.contains("--") ? all.indexOf("--") : args.length;
        return Stream.of(all.subList(verb, end), all.subList(0, verb), all.subList(end, args.length))
                .flatMap(List::stream)
                .toArray(String[]::new);
    }

    /**
     * For these arguments. Picocli reads the options of every command that it has, which takes longer than most commands run: so
     * it has the one that is named, or only names and descriptions for a list of all.
     */
    static CommandLine line(String... args) {
        Command plugin = KubectlTlvm.class.getAnnotation(Command.class);
        List<Class<?>> all = List.of(plugin.subcommands());
        Optional<Class<?>> named = Stream.of(args)
                .limit(1)
                .flatMap(first ->
                        all.stream().filter(type -> command(type).name().equals(first)))
                .findFirst();
        if (named.isEmpty() && Stream.of(args).anyMatch(arg -> !arg.startsWith("-"))) {
            return Commands.line(new KubectlTlvm());
        }
        CommandLine line = new CommandLine(summary(plugin).mixinStandardHelpOptions(true));
        named.ifPresentOrElse(
                type -> line.addSubcommand(command(type).name(), type),
                () -> all.forEach(type -> line.addSubcommand(command(type).name(), summary(command(type)))));
        return Commands.line(line);
    }

    private static Command command(Class<?> type) {
        return type.getAnnotation(Command.class);
    }

    private static CommandSpec summary(Command command) {
        CommandSpec spec = CommandSpec.create().name(command.name());
        spec.usageMessage().description(command.description()).footer(command.footer());
        return spec;
    }
}
