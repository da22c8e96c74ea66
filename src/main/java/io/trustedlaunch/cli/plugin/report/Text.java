package io.trustedlaunch.cli.plugin.report;

import io.trustedlaunch.api.Messages;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Text of several lines, of which each shows what it has: objects have messages of agents, guests and tenants, which must not make
 * lines of their own or speak to the terminal.
 */
public record Text(List<String> lines) {
    public Text {
        lines = lines.stream().map(Messages::printable).toList();
    }

    static Text of(String... lines) {
        return new Text(List.of(lines));
    }

    @Override
    public String toString() {
        return lines.stream().map(line -> line + System.lineSeparator()).collect(Collectors.joining());
    }
}
