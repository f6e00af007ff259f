-- A copy of a production database must never talk to KSeF as the company.
UPDATE res_company
   SET ksef_environment = 'test'
 WHERE ksef_environment IS NOT NULL;
UPDATE res_company
   SET ksef_connection_id = NULL;
DELETE FROM ksef_connection;
DELETE FROM ksef_request;
UPDATE res_company
   SET ksef_renew_automatically = false;
UPDATE res_company
   SET ksef_import = false, ksef_api_url = NULL, ksef_qr_url = NULL;
UPDATE ksef_certificate
   SET active = false, sealed_secret = NULL;
UPDATE ksef_certificate
   SET enrolment_state = 'refused', enrolment_poll_at = NULL
 WHERE enrolment_state IN ('prepared', 'sent', 'requested');
UPDATE ksef_import
   SET sealed_key = NULL;
UPDATE ksef_import
   SET state = 'failed'
 WHERE state IN ('planned', 'requested', 'divided');
UPDATE ksef_session
   SET proof_key = NULL, proof_reference = NULL;
DELETE FROM ksef_certificate_upload;
DELETE FROM ksef_certificate_enrol;
DELETE FROM ksef_certificate_register;
DELETE FROM ksef_first_login;
UPDATE ir_cron
   SET active = false
 WHERE id IN (
    SELECT res_id
      FROM ir_model_data
     WHERE module = 'l10n_pl_ksef'
       AND model = 'ir.cron'
);
