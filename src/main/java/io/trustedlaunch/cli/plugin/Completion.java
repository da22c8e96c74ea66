package io.trustedlaunch.cli.plugin;

import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import picocli.CommandLine;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/** What may stand where the user is typing. */
final class Completion {
    /** kubectl takes them before the verb, too. */
    private final CommandSpec flags = CommandSpec.forAnnotatedObject(new ClusterOptions());

    private final CommandLine plugin;
    private final Function<String, Stream<String>> names;

    /** @param names the objects that may be meant by a parameter with such a label, for example VM; empty if it names none */
    Completion(CommandLine plugin, Function<String, Stream<String>> names) {
        this.plugin = plugin;
        this.names = names;
    }

    /** @param words what follows the name of the plugin; the last one is being typed, and may be empty */
    List<String> of(List<String> words) {
        if (words.isEmpty()) {
            return List.of();
        }
        String typed = words.getLast();
        CommandSpec command = plugin.getCommandSpec();
        Optional<OptionSpec> awaits = Optional.empty();
        int positions = 0;
        for (String word : words.subList(0, words.size() - 1)) {
            if (awaits.isPresent()) {
                awaits = Optional.empty();
            } else if (word.equals("--")) {
                return List.of();
            } else if (word.startsWith("-")) {
                awaits = Optional.ofNullable(command.findOption(word))
                        .or(() -> Optional.ofNullable(flags.findOption(word)))
                        .filter(option -> option.arity().max() > 0);
            } else if (command.subcommands().containsKey(word)) {
                command = command.subcommands().get(word).getCommandSpec();
            } else {
                positions++;
            }
        }
        return candidates(command, awaits, positions, typed)
                .filter(candidate -> candidate.startsWith(typed))
                .distinct()
                .sorted()
                .toList();
    }

    private Stream<String> candidates(CommandSpec command, Optional<OptionSpec> awaits, int position, String typed) {
        if (awaits.isPresent()) {
            return values(awaits.get());
        }
        if (typed.startsWith("-")) {
            return command.options().stream().filter(option -> !option.hidden()).map(OptionSpec::longestName);
        }
        if (!command.subcommands().isEmpty()) {
            return position > 0
                    ? Stream.empty()
                    : command.subcommands().values().stream()
                            .map(CommandLine::getCommandSpec)
                            .filter(verb -> !verb.usageMessage().hidden())
                            .map(CommandSpec::name);
        }
        return command.positionalParameters().stream()
                .filter(parameter -> parameter.index().contains(position))
                .flatMap(this::values);
    }

    private Stream<String> values(ArgSpec argument) {
        return argument.completionCandidates() != null
                ? StreamSupport.stream(argument.completionCandidates().spliterator(), false)
                : names.apply(argument.paramLabel());
    }
}
