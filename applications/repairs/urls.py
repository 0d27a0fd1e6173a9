from django.urls import path

from applications.repairs.views import certificates, drafts, explanations, papers, progress, signing, sittings

app_name = "repairs"
urlpatterns = [
    path("start/<int:record_id>/", drafts.start, name="start"),
    path("together/<int:subject_id>/", sittings.together, name="together"),
    path("filing/<int:filing_id>/", sittings.tasks, name="filing"),
    path("filing/<int:filing_id>/add/", sittings.add, name="filing_add"),
    path("filing/<int:filing_id>/check/", sittings.check, name="filing_check"),
    path("filing/<int:filing_id>/submit/", sittings.submit, name="filing_submit"),
    path("filing/<int:filing_id>/submitted/", sittings.filed, name="filed"),
    path("<slug:number>/", progress.status, name="status"),
    path("<slug:number>/tasks/", drafts.tasks, name="tasks"),
    path("<slug:number>/contact/", drafts.contact, name="contact"),
    path("<slug:number>/fulfilment/", drafts.fulfilment, name="fulfilment"),
    path("<slug:number>/training/", drafts.training, name="training"),
    path("<slug:number>/files/<slug:kind>/", drafts.files, name="files"),
    path("<slug:number>/file/<int:material_id>/", papers.open_file, name="open_file"),
    path("<slug:number>/file/<int:material_id>/remove/", drafts.remove_file, name="remove_file"),
    path("<slug:number>/file/<int:material_id>/<int:page>.jpg", papers.page_picture, name="page_picture"),
    path("<slug:number>/files.zip", progress.own_files, name="own_files"),
    path("<slug:number>/out/", sittings.take_out, name="take_out"),
    path("<slug:number>/commitment/", signing.commitment, name="commitment"),
    path("<slug:number>/commitment/link/", signing.link, name="signing_link"),
    path("<slug:number>/commitment/link/revoke/", signing.revoke, name="revoke_links"),
    path("<slug:number>/commitment/agent/", signing.agent, name="signing_agent"),
    path("<slug:number>/commitment/paper/", signing.paper, name="signing_paper"),
    path("<slug:number>/commitment/text.pdf", signing.print_text, name="commitment_text"),
    path("<slug:number>/check/", drafts.check, name="check"),
    path("<slug:number>/submit/", drafts.submit, name="submit"),
    path("<slug:number>/submitted/", progress.submitted, name="submitted"),
    path("<slug:number>/correction/", progress.correction, name="correction"),
    path("<slug:number>/certificate/", certificates.certificate, name="certificate"),
    path("<slug:number>/urge/", progress.urge, name="urge"),
    path("<slug:number>/withdraw/", progress.withdraw, name="withdraw"),
    path("<slug:number>/explanations.json", explanations.explanations, name="explanations"),
]
