# The operator's image: only the program and what it needs, run as nobody in particular.
ARG DOTNET=10.0

FROM --platform=$BUILDPLATFORM mcr.microsoft.com/dotnet/sdk:${DOTNET}-noble AS build
ARG TARGETARCH
WORKDIR /source

# what is restored changes less often than the code, so it is a layer of its own
COPY global.json Directory.Build.props Directory.Packages.props .editorconfig ./
COPY src/Kubernetes/Kubernetes.csproj src/Kubernetes/
COPY src/Redis/Redis.csproj src/Redis/
COPY src/Entities/Entities.csproj src/Entities/
COPY src/Reconcilers/Reconcilers.csproj src/Reconcilers/
COPY src/Operator/Operator.csproj src/Operator/
RUN dotnet restore src/Operator/Operator.csproj --arch $TARGETARCH -p:PublishReadyToRun=true

COPY LICENSE ./
COPY build/ build/
COPY src/Kubernetes/ src/Kubernetes/
COPY src/Redis/ src/Redis/
COPY src/Entities/ src/Entities/
COPY src/Reconcilers/ src/Reconcilers/
COPY src/Operator/ src/Operator/
RUN dotnet publish src/Operator/Operator.csproj --no-restore -c Release -o /program \
    --arch $TARGETARCH --self-contained false -p:PublishReadyToRun=true

FROM mcr.microsoft.com/dotnet/aspnet:${DOTNET}-noble-chiseled
LABEL org.opencontainers.image.title="slotwise" \
      org.opencontainers.image.description="Runs Redis Clusters on Kubernetes" \
      org.opencontainers.image.licenses="MIT"
# without diagnostics the runtime needs no writable file system
ENV DOTNET_EnableDiagnostics=0
COPY --from=build /program /program
COPY --from=build /source/LICENSE /program/
USER $APP_UID
EXPOSE 8081
ENTRYPOINT ["/program/slotwise"]
CMD ["run"]
