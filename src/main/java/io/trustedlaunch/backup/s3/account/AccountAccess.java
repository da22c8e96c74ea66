package io.trustedlaunch.backup.s3.account;

import io.trustedlaunch.api.backup.BackupLocationSpec.S3;
import io.trustedlaunch.backup.s3.S3Access;
import io.trustedlaunch.backup.s3.S3Request;
import io.trustedlaunch.custody.PullCredentials;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;
import software.amazon.awssdk.http.SdkHttpMethod;
import software.amazon.awssdk.http.SdkHttpRequest;
import software.amazon.awssdk.http.auth.aws.signer.AwsV4FamilyHttpSigner;
import software.amazon.awssdk.http.auth.aws.signer.AwsV4FamilyHttpSigner.AuthLocation;
import software.amazon.awssdk.http.auth.aws.signer.AwsV4HttpSigner;
import software.amazon.awssdk.http.auth.spi.signer.HttpSigner;
import software.amazon.awssdk.identity.spi.AwsCredentialsIdentity;

/** Signs anything with the account's key, for some time. Buckets are named in the path, as all servers understand. */
public final class AccountAccess implements S3Access {
    private static final String PREFIX = "prefix";

    private final S3 location;
    private final AwsCredentialsIdentity account;
    private final Duration validity;
    private final Clock clock;
    private final AwsV4HttpSigner signer = AwsV4HttpSigner.create();

    /**
     * @param account user: the ID of the access key; password: its secret
     * @param validity of what is signed, a week at most
     */
    public AccountAccess(S3 location, PullCredentials.Basic account, Duration validity, Clock clock) {
        this.location = location;
        this.account = AwsCredentialsIdentity.create(account.user(), account.password());
        this.validity = validity;
        this.clock = clock;
    }

    @Override
    public String name() {
        return location.url();
    }

    @Override
    public Optional<String> caBundle() {
        return Optional.ofNullable(location.caBundle());
    }

    @Override
    public URI sign(S3Request request) {
        URI endpoint = URI.create(location.endpoint());
        SdkHttpRequest.Builder unsigned = SdkHttpRequest.builder()
                .method(SdkHttpMethod.valueOf(request.method().name()))
                .protocol(endpoint.getScheme())
                .host(endpoint.getHost())
                .encodedPath("/" + location.bucket() + (request.key().isEmpty() ? "" : "/" + prefixed(request.key())));
        if (endpoint.getPort() >= 0) {
            unsigned.port(endpoint.getPort());
        }
        request.query()
                .forEach((name, value) ->
                        unsigned.putRawQueryParameter(name, name.equals(PREFIX) ? prefixed(value) : value));
        request.headers().forEach(unsigned::putHeader);
        return signer.sign(signing -> signing.identity(account)
                        .request(unsigned.build())
                        .putProperty(AwsV4HttpSigner.SERVICE_SIGNING_NAME, "s3")
                        .putProperty(AwsV4HttpSigner.REGION_NAME, location.regionOrDefault())
                        .putProperty(AwsV4FamilyHttpSigner.AUTH_LOCATION, AuthLocation.QUERY_STRING)
                        .putProperty(AwsV4FamilyHttpSigner.EXPIRATION_DURATION, validity)
                        // The holder of a URL writes what the operator does not know.
                        .putProperty(AwsV4FamilyHttpSigner.PAYLOAD_SIGNING_ENABLED, false)
                        .putProperty(AwsV4FamilyHttpSigner.DOUBLE_URL_ENCODE, false)
                        .putProperty(AwsV4FamilyHttpSigner.NORMALIZE_PATH, false)
                        .putProperty(HttpSigner.SIGNING_CLOCK, clock))
                .request()
                .getUri();
    }

    private String prefixed(String key) {
        return location.prefix() == null ? key : location.prefix() + "/" + key;
    }

    @Override
    public Optional<UUID> onlyVm() {
        return Optional.empty();
    }
}
