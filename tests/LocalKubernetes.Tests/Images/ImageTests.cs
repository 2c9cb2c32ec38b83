using Slotwise.LocalKubernetes.Images;

namespace Slotwise.LocalKubernetes.Tests.Images;

public sealed class ImageTests
{
    static readonly ImageStore Store = new([Image("docker.io/library/redis:7.0.15", "7.0", "7"), Image("docker.io/library/debian:12", "bookworm")]);

    [Theory]
    [InlineData("redis:7.0")]
    [InlineData("redis:7")]
    [InlineData("docker.io/library/redis:7.0.15")]
    [InlineData("docker.io/redis:7.0", false)]
    [InlineData("redis:7.2", false)]
    [InlineData("redis", false)]
    [InlineData("redis:7.0@sha256:0123")]
    [InlineData("ghcr.io/library/redis:7.0", false)]
    [InlineData("localhost:5000/redis:7.0", false)]
    [InlineData("Redis:7.0", false)]
    [InlineData("", false)]
    public void An_image_is_found_by_what_it_truly_is(string name, bool found = true)
    {
        Assert.Equal(found, Store.TryFind(name, out var image, out var reason));
        Assert.Equal(found, image is not null);
        Assert.Equal(found, reason is null);
    }

    [Fact]
    public void An_image_that_is_not_there_says_what_is()
    {
        Assert.False(Store.TryFind("redis:8.0", out _, out var reason));
        Assert.Equal("image \"redis:8.0\" is not in the local store, which has debian:12, debian:bookworm, redis:7.0.15, redis:7.0, redis:7 (localkube images add NAME adds more)", reason);
    }

    [Theory]
    [InlineData("5:7.0.15-1~deb12u10", "7.0.15")]
    [InlineData("8.1.1+dfsg1-2", "8.1.1")]
    [InlineData("12.4+deb12u11", "12.4")]
    public void The_programs_version_is_read_from_the_packages(string version, string upstream) => Assert.Equal(upstream, DebianVersion.Upstream(version));

    [Fact]
    public void A_version_has_the_tags_that_people_use() => Assert.Equal(["7.0.15", "7.0", "7"], DebianVersion.Tags("7.0.15"));

    static ContainerImage Image(string name, params string[] tags) =>
        new() { Name = name, Tags = tags, Id = name, Source = "", Root = "/", Etc = new Dictionary<string, string>() };
}
