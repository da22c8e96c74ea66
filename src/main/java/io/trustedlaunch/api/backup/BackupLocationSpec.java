package io.trustedlaunch.api.backup;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import io.fabric8.kubernetes.api.model.Quantity;
import io.soabase.recordbuilder.core.RecordBuilder;
import io.trustedlaunch.api.ByteSize;
import io.trustedlaunch.api.Lists;
import io.trustedlaunch.api.NamespaceRestricted;
import io.trustedlaunch.api.ObjectRef;
import io.trustedlaunch.api.Schemas;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Where backups of VMs are kept: in exactly one of folder and s3.
 *
 * @param folder a folder that nodes have mounted
 * @param s3 a bucket of an S3 server
 * @param limits on what runs take of the location and of the way there; if omitted, there are none
 * @param minimumRetention how long the files of each backup stay at least, whoever asks for their removal, for example 720h; if
 *     omitted, there is no such time. One that is shortened holds for the backups that are there
 * @param allowedNamespaces the namespaces whose VMs may have their backups here; if omitted, all
 */
@JsonIgnoreProperties(ignoreUnknown = true)
@ValidationRule(value = "has(self.folder) != has(self.s3)", message = "spec needs exactly one of: folder, s3")
@ValidationRule(
        value = "has(self.folder) == has(oldSelf.folder)",
        message = "a folder stays a folder, and a bucket a bucket: backups lie there")
public record BackupLocationSpec(
        @ValidationRule(value = "self == oldSelf", message = "folder is immutable: backups lie there")
        Folder folder,

        @ValidationRule(
                value = "self.endpoint == oldSelf.endpoint && self.bucket == oldSelf.bucket"
                        + " && has(self.prefix) == has(oldSelf.prefix)"
                        + " && (!has(self.prefix) || self.prefix == oldSelf.prefix)",
                message = "endpoint, bucket and prefix are immutable: backups lie there")
        S3 s3,

        Limits limits,

        @Size(min = 2, max = 16) @Pattern(Schemas.LONG_DURATION)
        String minimumRetention,

        @Size(min = 1, max = 256) @JsonInclude(JsonInclude.Include.NON_EMPTY)
        List<@Pattern(Schemas.DNS_LABEL) @Size(min = 1, max = 63) String> allowedNamespaces)
        implements NamespaceRestricted {

    public BackupLocationSpec {
        allowedNamespaces = Lists.orEmpty(allowedNamespaces);
    }

    public BackupLocationSpec(Folder folder, List<String> allowedNamespaces) {
        this(folder, null, null, allowedNamespaces);
    }

    public BackupLocationSpec(Folder folder, S3 s3, Limits limits, List<String> allowedNamespaces) {
        this(folder, s3, limits, null, allowedNamespaces);
    }

    /** {@link #minimumRetention}; zero if there is none. */
    public Duration retention() {
        return Optional.ofNullable(minimumRetention).map(Schemas::duration).orElse(Duration.ZERO);
    }

    /** {@link Limits#bandwidth}. */
    public Optional<Long> bytesPerSecond() {
        return Optional.ofNullable(limits).map(Limits::bandwidth).map(ByteSize::of);
    }

    /**
     * The limits of runs that make and verify backups.
     *
     * @param bandwidth the most bytes that each of them sends or reads in a second, for example 100Mi
     * @param parallelRuns the most of them at a time
     */
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record Limits(
            @ValidationRule(value = Schemas.BANDWIDTH, message = "bandwidth is at least 1Mi, for example 100Mi")
            Quantity bandwidth,

            @Min(1) Integer parallelRuns) {}

    /**
     * A folder that nodes have mounted, for example from a file server.
     *
     * @param path absolute path, the same on every node; the folder exists, and only root can enter it
     */
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record Folder(
            @Required
            @Size(min = 2, max = 512)
            @Pattern(Schemas.NO_CONTROL_CHARACTERS)
            @ValidationRule(value = Schemas.PLAIN_PATH, message = Schemas.PLAIN_PATH_MESSAGE)
            String path) {}

    /**
     * A bucket of an S3 server, which the operator and all nodes reach. No node gets the account's key: the operator signs what
     * the node of a backup may ask.
     *
     * @param endpoint URL of the server, for example https://s3.example:9000; https, without a path
     * @param bucket the bucket, which exists
     * @param prefix a folder in the bucket; if omitted, its root
     * @param region as the server is configured; if omitted, us-east-1
     * @param secretRef a Secret of the operator's namespace, of type kubernetes.io/basic-auth: username is the ID of the
     *     account's access key, password its secret
     * @param caBundle certificates of the server's authorities, PEM; by default those that the operator and each node trust
     */
    @JsonIgnoreProperties(ignoreUnknown = true)
    @RecordBuilder
    public record S3(
            @Required
            @Size(max = 512)
            @ValidationRule(value = Schemas.HTTPS_SERVER, message = Schemas.HTTPS_SERVER_MESSAGE)
            String endpoint,

            @Required @Size(min = 3, max = 63) @Pattern(Schemas.BUCKET)
            String bucket,

            @Size(min = 1, max = 255) @Pattern(Schemas.BUCKET_PREFIX)
            String prefix,

            @Size(min = 1, max = 64) @Pattern(Schemas.DNS_LABEL)
            String region,

            @Required ObjectRef secretRef,
            @Size(max = 65536) String caBundle) {
        private static final String DEFAULT_REGION = "us-east-1";

        /** The one that servers without regions take, too. */
        public String regionOrDefault() {
            return region == null ? DEFAULT_REGION : region;
        }

        /** Where backups are, for people. */
        public String url() {
            return endpoint + "/" + bucket + (prefix == null ? "" : "/" + prefix);
        }
    }
}
