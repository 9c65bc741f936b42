"""Addresses of the membership app."""

from django.urls import path

from membership.views import (
    access,
    account,
    batches,
    board,
    branch_settings,
    bulk,
    directory,
    handovers,
    imports,
    jobs,
    members,
    moves,
    quality,
    roles,
    saved_views,
    tags,
)

app_name = "membership"
urlpatterns = [
    path("lag/<slug:slug>/medlemmer/", members.member_list, name="member_list"),
    path("lag/<slug:slug>/medlemmer/<int:pk>/", members.member_detail, name="member_detail"),
    path("lag/<slug:slug>/medlemmer/<int:pk>/flytt/", moves.member_move, name="member_move"),
    path("lag/<slug:slug>/flytting/", moves.moves, name="moves"),
    path("lag/<slug:slug>/flytting/<int:pk>/", moves.move_answer, name="move_answer"),
    path("lag/<slug:slug>/medlemmer/visninger/", saved_views.saved_view_save, name="saved_view_save"),
    path(
        "lag/<slug:slug>/medlemmer/visninger/<int:pk>/slett/", saved_views.saved_view_delete, name="saved_view_delete"
    ),
    path("lag/<slug:slug>/medlemmer/filtre/", members.member_filters, name="member_filters"),
    path("lag/<slug:slug>/medlemmer/kvalitet/", quality.quality, name="quality"),
    path("lag/<slug:slug>/grupper/", tags.tags, name="tags"),
    path("lag/<slug:slug>/grupper/ny/", tags.tag_create, name="tag_create"),
    path("lag/<slug:slug>/grupper/<int:pk>/navn/", tags.tag_rename, name="tag_rename"),
    path("lag/<slug:slug>/grupper/<int:pk>/fjern/", tags.tag_remove, name="tag_remove"),
    path("lag/<slug:slug>/medlemmer/visninger/<int:pk>/navn/", saved_views.saved_view_rename, name="saved_view_rename"),
    path("lag/<slug:slug>/medlemmer/valgte/", bulk.bulk, name="bulk"),
    path("lag/<slug:slug>/medlemmer/endringer/", batches.batches, name="batches"),
    path("lag/<slug:slug>/medlemmer/endringer/<uuid:pk>/", batches.batch, name="batch"),
    path("lag/<slug:slug>/medlemmer/endringer/<uuid:pk>/angre/", batches.batch_undo, name="batch_undo"),
    path("lag/<slug:slug>/roller/", roles.roles, name="roles"),
    path("lag/<slug:slug>/hvem/", directory.directory, name="directory"),
    path("lag/<slug:slug>/styret/", board.board, name="board"),
    path("lag/<slug:slug>/styret/ny/", board.post_add, name="post_add"),
    path("lag/<slug:slug>/styret/nytt/", board.board_new, name="board_new"),
    path("lag/<slug:slug>/styret/<int:pk>/", board.post_edit, name="post_edit"),
    path("lag/<slug:slug>/tilgang/", access.access_list, name="access_list"),
    path("lag/<slug:slug>/tilgang/ny/", access.access_give, name="access_give"),
    path("lag/<slug:slug>/tilgang/<int:pk>/", access.access_detail, name="access_detail"),
    path("lag/<slug:slug>/tilgang/overlevering/", handovers.handover, name="handover"),
    path("lag/<slug:slug>/innstillinger/", branch_settings.branch_settings, name="branch_settings"),
    path("konto/", account.me, name="me"),
    path("lag/<slug:slug>/medlemmer/importer/", imports.import_upload, name="import_upload"),
    path("lag/<slug:slug>/medlemmer/importer/<uuid:pk>/", imports.import_detail, name="import_detail"),
    path("lag/<slug:slug>/jobber/<uuid:pk>/", jobs.job, name="job"),
    path("lag/<slug:slug>/jobber/<uuid:pk>/fil/", jobs.job_file, name="job_file"),
]
