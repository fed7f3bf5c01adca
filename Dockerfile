# Both programs: docker build --target gateway . / docker build --target calendar .
FROM mcr.microsoft.com/dotnet/sdk:10.0 AS build
WORKDIR /src
COPY . .
# The commit, for --version and *_build_info: --build-arg REVISION=$(git rev-parse HEAD)
ARG REVISION
RUN dotnet publish src/Gateway -c Release -o /out/gateway -p:SourceRevisionId=$REVISION \
 && dotnet publish src/CalendarService -c Release -o /out/calendar -p:SourceRevisionId=$REVISION

FROM mcr.microsoft.com/dotnet/aspnet:10.0 AS gateway
WORKDIR /app
COPY --from=build /out/gateway .
COPY config /config
# The youngest generation's size, 16 MB: what a request leaves behind is collected less often. Two arenas: with one for each thread that
# compiles, resident memory grows for hours (bench/README.md).
ENV GATEWAY_CONFIG_DIR=/config DOTNET_GCgen0size=0x1000000 MALLOC_ARENA_MAX=2
USER $APP_UID
EXPOSE 8080
HEALTHCHECK --interval=5s --timeout=4s CMD ["dotnet", "gateway.dll", "healthcheck"]
ENTRYPOINT ["dotnet", "gateway.dll"]

FROM mcr.microsoft.com/dotnet/aspnet:10.0 AS calendar
USER root
RUN mkdir /data && chown $APP_UID /data
WORKDIR /app
COPY --from=build /out/calendar .
ENV CALENDAR_DATA_DIR=/data Kestrel__Endpoints__Http__Url=http://*:8081
USER $APP_UID
EXPOSE 8081
ENTRYPOINT ["dotnet", "CalendarService.dll"]
