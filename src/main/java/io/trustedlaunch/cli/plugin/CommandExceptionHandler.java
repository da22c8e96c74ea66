package io.trustedlaunch.cli.plugin;

import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.KubernetesClientTimeoutException;
import io.trustedlaunch.cli.CommandException;
import io.trustedlaunch.cli.plugin.terminal.TextOutput;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Optional;
import picocli.CommandLine;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.ParseResult;

/** Prints an error in one line, as kubectl does. An unexpected exception keeps its stack trace. */
public final class CommandExceptionHandler implements IExecutionExceptionHandler {
    @Override
    public int handleExecutionException(Exception fault, CommandLine line, ParseResult parsed) {
        Optional<String> message = switch (fault) {
            case CommandException command -> Optional.of(command.getMessage());
            case KubernetesClientTimeoutException timeout -> Optional.of(timeout.getMessage());
            case KubernetesClientException client -> Optional.of(message(client));
            default -> Optional.empty();
        };
        TextOutput.standardError(line)
                .paragraph(message.map(text -> "error: " + text).orElseGet(() -> stackTrace(fault)));
        return line.getCommandSpec().exitCodeOnExecutionException();
    }

    private static String stackTrace(Exception fault) {
        StringWriter trace = new StringWriter();
        fault.printStackTrace(new PrintWriter(trace));
        return trace.toString();
    }

    /** The API server's message, if it answered. */
    private static String message(KubernetesClientException refused) {
        return refused.getStatus() != null && refused.getStatus().getMessage() != null
                ? refused.getStatus().getMessage()
                : "cannot reach the API server: " + message(rootCause(refused));
    }

    /** Some network exceptions have no message. */
    private static String message(Throwable fault) {
        return fault.getMessage() == null ? fault.getClass().getSimpleName() : fault.getMessage();
    }

    private static Throwable rootCause(Throwable fault) {
        return fault.getCause() == null ? fault : rootCause(fault.getCause());
    }
}
