package io.trustedlaunch.cli.plugin;

import io.fabric8.kubernetes.api.model.ContextBuilder;
import io.fabric8.kubernetes.api.model.NamedContext;
import io.fabric8.kubernetes.api.model.NamedContextBuilder;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.internal.KubeConfigUtils;
import io.fabric8.kubernetes.client.jdkhttp.JdkHttpClientFactory;
import io.trustedlaunch.cli.CommandException;
import io.trustedlaunch.process.ApiServerTrust;
import java.io.ByteArrayInputStream;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import picocli.CommandLine.Option;

/** Which API server, as whom, with the names and meanings that kubectl has. The help of a verb has those that most users need. */
final class ConnectionOptions {
    private static final Pattern DURATION = Pattern.compile("(\\d{1,6})(ms|s|m|h)?");

    @Option(
            names = "--context",
            paramLabel = "NAME",
            description = "Context of the kubeconfig file. Default: the current context.")
    private String context;

    @Option(
            names = "--kubeconfig",
            paramLabel = "FILE",
            description = "Kubeconfig file. Default: the file in the environment variable KUBECONFIG,"
                    + " or ~/.kube/config.")
    private File kubeconfig;

    @Option(
            names = "--cluster",
            hidden = true,
            paramLabel = "NAME",
            description = "Cluster of the kubeconfig file. Default: the context's.")
    private String cluster;

    @Option(
            names = "--user",
            hidden = true,
            paramLabel = "NAME",
            description = "User of the kubeconfig file. Default: the context's.")
    private String user;

    @Option(
            names = {"-s", "--server"},
            hidden = true,
            paramLabel = "URL",
            description = "Address of the API server. Default: the cluster's.")
    private String server;

    @Option(
            names = "--token",
            hidden = true,
            paramLabel = "TOKEN",
            description = "Bearer token. Default: the user's credentials.")
    private String token;

    @Option(names = "--as", hidden = true, paramLabel = "USER", description = "User to impersonate.")
    private String as;

    @Option(
            names = "--as-group",
            hidden = true,
            paramLabel = "GROUP",
            description = "Group to impersonate, with --as. Can be repeated.")
    private List<String> asGroups = List.of();

    @Option(
            names = "--request-timeout",
            hidden = true,
            paramLabel = "TIME",
            description = "How long to wait for one answer of the API server, such as 30s or 2m; 0: no limit."
                    + " Default: 10s.")
    private String requestTimeout;

    KubernetesClient client() {
        Config config = config();
        // An interactive user sees at once that the server cannot be reached, and can retry.
        config.setRequestRetryBackoffLimit(0);
        clientKeyAlgorithm(config).ifPresent(config::setClientKeyAlgo);
        // One request after the other gains nothing from HTTP/2, and its classes are not in the archive.
        config.setHttp2Disable(true);
        return new KubernetesClientBuilder()
                .withConfig(config)
                .withHttpClientFactory(new JdkHttpClientFactory())
                .withHttpClientBuilderConsumer(http -> ApiServerTrust.require(config, http))
                .build();
    }

    private Config config() {
        Config config = cluster == null && user == null ? ofContext() : ofClusterAndUser();
        if (server != null) {
            config.setMasterUrl(server);
        }
        if (token != null) {
            withoutCredentials(config);
            config.setOauthToken(token);
        }
        if (as != null) {
            config.setImpersonateUsername(as);
        }
        if (!asGroups.isEmpty()) {
            if (as == null) {
                throw new CommandException("--as-group needs --as: a group is impersonated with a user only");
            }
            config.setImpersonateGroups(asGroups.toArray(String[]::new));
        }
        if (requestTimeout != null) {
            config.setRequestTimeout(milliseconds(requestTimeout));
        }
        return config;
    }

    private Config ofContext() {
        Config config = kubeconfig == null ? Config.autoConfigure(context) : Config.fromKubeconfig(context, kubeconfig);
        if (context != null) {
            requireOneOf("context", context, names(config.getContexts(), NamedContext::getName));
        }
        return config;
    }

    /** A context of its own is the way by which the client takes another cluster or user. */
    private Config ofClusterAndUser() {
        NamedContext chosen = Optional.ofNullable(ofContext().getCurrentContext())
                .orElseGet(() ->
                        new NamedContextBuilder().withNewContext().endContext().build());
        var files = kubeconfigs().stream()
                .map(KubeConfigUtils::parseConfig)
                .toArray(io.fabric8.kubernetes.api.model.Config[]::new);
        if (cluster != null) {
            requireOneOf("cluster", cluster, all(files, file -> names(file.getClusters(), found -> found.getName())));
        }
        if (user != null) {
            requireOneOf("user", user, all(files, file -> names(file.getUsers(), found -> found.getName())));
        }
        ContextBuilder context = new ContextBuilder(chosen.getContext());
        Optional.ofNullable(cluster).ifPresent(context::withCluster);
        Optional.ofNullable(user).ifPresent(context::withUser);
        String name = "kubectl-tlvm";
        for (var file : files) {
            file.getContexts().removeIf(existing -> existing.getName().equals(name));
        }
        // What else is in the entry is where its file is.
        files[0].getContexts()
                .add(new NamedContextBuilder(chosen)
                        .withName(name)
                        .withContext(context.build())
                        .build());
        Config config = Config.empty();
        KubeConfigUtils.merge(config, name, files);
        return config;
    }

    private List<File> kubeconfigs() {
        Collection<String> found =
                kubeconfig == null ? Config.getKubeconfigFilenames() : List.of(kubeconfig.toString());
        List<File> files = found.stream().map(File::new).filter(File::isFile).toList();
        if (files.isEmpty()) {
            throw new CommandException(
                    "--cluster and --user name entries of a kubeconfig, and there is none: " + found);
        }
        return files;
    }

    private static <T> Stream<String> names(List<T> entries, Function<T, String> name) {
        return Stream.ofNullable(entries).flatMap(List::stream).map(name);
    }

    private static <T> Stream<String> all(T[] files, Function<T, Stream<String>> names) {
        return Arrays.stream(files).flatMap(names);
    }

    /** The client takes the current one if the one that is named is not there. */
    private static void requireOneOf(String what, String name, Stream<String> there) {
        List<String> names = there.distinct().sorted().toList();
        if (!names.contains(name)) {
            throw new CommandException(what + " \"" + name + "\" does not exist; the kubeconfig has "
                    + (names.isEmpty() ? "none" : "these: " + String.join(", ", names)));
        }
    }

    /** Otherwise the server would see both, and may take the certificate. */
    private static void withoutCredentials(Config config) {
        config.setClientCertData(null);
        config.setClientCertFile(null);
        config.setClientKeyData(null);
        config.setClientKeyFile(null);
        config.setUsername(null);
        config.setPassword(null);
        config.setAutoOAuthToken(null);
        config.setOauthTokenProvider(null);
    }

    /** As in kubectl, a number without a unit is seconds. */
    private static int milliseconds(String time) {
        Matcher duration = DURATION.matcher(time);
        if (!duration.matches()) {
            throw new CommandException("--request-timeout must be a time such as 30s or 2m: " + time);
        }
        long number = Long.parseLong(duration.group(1));
        long milliseconds = number
                * switch (duration.group(2) == null ? "s" : duration.group(2)) {
                    case "ms" -> 1L;
                    case "m" -> 60_000L;
                    case "h" -> 3_600_000L;
                    default -> 1000L;
                };
        return (int) Math.min(milliseconds, Integer.MAX_VALUE);
    }

    /** Without it, the client reads every PKCS #8 key as RSA; the certificate has the real algorithm. */
    private static Optional<String> clientKeyAlgorithm(Config config) {
        try (InputStream certificate = certificate(config)) {
            return certificate == null
                    ? Optional.empty()
                    : Optional.of(CertificateFactory.getInstance("X.509")
                            .generateCertificate(certificate)
                            .getPublicKey()
                            .getAlgorithm());
        } catch (IOException | CertificateException e) {
            throw new CommandException("cannot read the client certificate of the kubeconfig: " + e.getMessage());
        }
    }

    private static InputStream certificate(Config config) throws IOException {
        if (config.getClientCertData() != null) {
            return new ByteArrayInputStream(Base64.getDecoder().decode(config.getClientCertData()));
        }
        return config.getClientCertFile() == null ? null : Files.newInputStream(Path.of(config.getClientCertFile()));
    }
}
