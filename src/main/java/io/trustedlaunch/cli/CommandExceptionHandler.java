package io.trustedlaunch.cli;

import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.KubernetesClientTimeoutException;
import java.util.Optional;
import picocli.CommandLine;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.ParseResult;

/** Says a failure in one line, as kubectl does; a fault of the plugin's own keeps its trace. */
public final class CommandExceptionHandler implements IExecutionExceptionHandler {
    @Override
    public int handleExecutionException(Exception fault, CommandLine command, ParseResult parsed) throws Exception {
        Optional<String> message = switch (fault) {
            case CommandException ours -> Optional.of(ours.getMessage());
            case KubernetesClientTimeoutException late -> Optional.of(late.getMessage());
            case KubernetesClientException refused -> Optional.of(said(refused));
            default -> Optional.empty();
        };
        if (message.isEmpty()) {
            throw fault;
        }
        command.getErr().println("error: " + message.get());
        return command.getCommandSpec().exitCodeOnExecutionException();
    }

    /** The API server's own words where it spoke. */
    private static String said(KubernetesClientException refused) {
        return refused.getStatus() != null && refused.getStatus().getMessage() != null
                ? refused.getStatus().getMessage()
                : "the API server cannot be reached: " + words(innermost(refused));
    }

    /** Some faults of the network have a name and no message. */
    private static String words(Throwable fault) {
        return fault.getMessage() == null ? fault.getClass().getSimpleName() : fault.getMessage();
    }

    private static Throwable innermost(Throwable fault) {
        return fault.getCause() == null ? fault : innermost(fault.getCause());
    }
}
