package io.trustedlaunch.cli.plugin.terminal;

import io.trustedlaunch.cli.CommandException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Optional;

/** Asks the user for values. */
public final class Prompt {
    private final BufferedReader in;
    private final TextOutput out;

    /** @param out not standard output, which may be a file */
    public Prompt(Reader in, TextOutput out) {
        this.in = new BufferedReader(in);
        this.out = out;
    }

    /** Repeats the question until the answer is not empty. */
    public String ask(String question) {
        while (true) {
            out.prompt(question + ": ");
            String answer = line().strip();
            if (!answer.isEmpty()) {
                return answer;
            }
        }
    }

    /**
     * Repeats the question until the answer is the name or the number of a choice.
     *
     * @param choices one line for each name
     * @return the name
     */
    public String choose(String question, List<String> names, List<String> choices) {
        for (int i = 0; i < choices.size(); i++) {
            out.line("  " + (i + 1) + ") " + choices.get(i));
        }
        while (true) {
            String answer = ask(question);
            Optional<String> chosen =
                    names.stream().filter(answer::equals).findFirst().or(() -> numbered(answer, names));
            if (chosen.isPresent()) {
                return chosen.get();
            }
            out.line(answer + " is not in the list: enter a name or a number from it");
        }
    }

    private static Optional<String> numbered(String answer, List<String> names) {
        try {
            int number = Integer.parseInt(answer);
            return number >= 1 && number <= names.size() ? Optional.of(names.get(number - 1)) : Optional.empty();
        } catch (NumberFormatException e) {
            return Optional.empty();
        }
    }

    private String line() {
        try {
            return Optional.ofNullable(in.readLine())
                    .orElseThrow(() -> new CommandException(
                            "the input ended before all values were given;" + " nothing was created"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
